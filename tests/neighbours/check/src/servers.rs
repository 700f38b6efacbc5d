//! Starts what the programs talk to: a chat server over `http://` and `https://`, and a proxy.
//! `chatwire-mock` answers the chats.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chatwire_mock::MockServer;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The addresses, and the file with the certificate that a program must trust.
pub struct Servers {
    pub http: String,
    pub https: String,
    pub proxy: String,
    pub certificate: PathBuf,
    _mock: MockServer,
}

impl Servers {
    /// Starts the servers, and writes the certificate into `folder`.
    pub async fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mock = MockServer::start().await?;
        let certificate = folder.join("neighbours.pem");
        let key = generate_simple_self_signed(["127.0.0.1".to_owned(), "chat.test".to_owned()])?;
        std::fs::write(&certificate, key.cert.pem())?;
        let plain = mock.url().replace("http://", "");
        let tls = serve_tls(acceptor(&key)?, plain).await?;
        Ok(Self {
            http: mock.base_url(),
            https: format!("https://{tls}/v1"),
            proxy: format!("http://{}", serve_proxy(tls).await?),
            certificate,
            _mock: mock,
        })
    }
}

fn acceptor(key: &CertifiedKey<rcgen::KeyPair>) -> Result<TlsAcceptor, Box<dyn Error>> {
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Passes what it decrypts to the server at `plain`. Returns its own address.
async fn serve_tls(acceptor: TlsAcceptor, plain: String) -> io::Result<String> {
    serve(move |stream| {
        let (acceptor, plain) = (acceptor.clone(), plain.clone());
        async move {
            let mut decrypted = acceptor.accept(stream).await?;
            copy_bidirectional(&mut decrypted, &mut TcpStream::connect(plain).await?).await
        }
    })
    .await
}

/// Connects every client to the server at `tls`, whatever host it asks for. Returns its own address.
async fn serve_proxy(tls: String) -> io::Result<String> {
    serve(move |stream| {
        let tls = tls.clone();
        async move {
            let mut stream = BufReader::new(stream);
            read_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            copy_bidirectional(&mut stream, &mut TcpStream::connect(tls).await?).await
        }
    })
    .await
}

/// Reads the `CONNECT` request to its empty line.
async fn read_head(stream: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    Ok(())
}

/// Accepts connections in the background. Returns the address.
async fn serve<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> io::Result<String>
where
    F: Future<Output = io::Result<(u64, u64)>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // If a connection fails, the program at its other end reports it.
            tokio::spawn(answer(stream));
        }
    });
    Ok(address)
}
