//! Reads the base URL of a server. [`connection`](super::connection) opens connections to it.

use std::fmt;

use url::Url;

/// Where a server is, and the path that all requests begin with.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_tls: bool,
    /// The path of the base URL, without a slash at its end.
    pub(crate) path: String,
    /// The value of the header `host`.
    pub(crate) authority: String,
}

/// A base URL that cannot be used. `Display` says why, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AddressError {}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let fail = |why: &str| {
            AddressError(format!("the base URL {why}: write one such as http://127.0.0.1:8080/v1"))
        };
        let url = Url::parse(text).map_err(|error| fail(&format!("cannot be read ({error})")))?;
        let is_tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(fail("does not begin with http:// or https://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fail("has a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fail("has a query or a fragment"));
        }
        let host = url.host_str().ok_or_else(|| fail("has no host"))?.to_owned();
        let port = url.port_or_known_default().ok_or_else(|| fail("has no port"))?;
        let authority = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let path = url.path().trim_end_matches('/').to_owned();
        Ok(Self { host, port, is_tls, path, authority })
    }

    /// The base URL as reports show it.
    pub(crate) fn shown(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let address = Address::parse("http://127.0.0.1:8080/v1/").unwrap();
        assert_eq!((address.port, address.path.as_str(), address.is_tls), (8080, "/v1", false));
        assert_eq!(address.shown(), "http://127.0.0.1:8080/v1");
        let address = Address::parse("https://[::1]").unwrap();
        assert_eq!((address.port, address.authority.as_str()), (443, "[::1]"));
    }

    #[test]
    fn an_address_without_secrets() {
        for text in ["localhost:80", "ftp://a", "http://me:key@a/v1", "http://a/v1?key=b", "a"] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.ends_with("such as http://127.0.0.1:8080/v1"), "{error}");
        }
    }
}
