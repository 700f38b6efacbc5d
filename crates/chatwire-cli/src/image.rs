//! Images for a prompt: a URL is sent as it is, a file becomes a data URL. The first bytes of a file
//! decide its media type, and its name does not matter.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::failure::Failure;

/// The URL to send for a file or a URL.
pub(crate) fn url(file_or_url: &str) -> Result<String, Failure> {
    let is_url = ["http://", "https://", "data:"].iter().any(|scheme| {
        file_or_url.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme))
    });
    if is_url {
        return Ok(file_or_url.to_owned());
    }
    let bytes = std::fs::read(Path::new(file_or_url)).map_err(|error| {
        Failure::new(format!("the image {file_or_url} cannot be read: {error}"))
    })?;
    let Some(media_type) = media_type(&bytes) else {
        return Err(Failure::new(format!(
            "{file_or_url} is not a PNG, JPEG, GIF or WebP image by its first bytes; convert it"
        )));
    };
    Ok(format!("data:{media_type};base64,{}", STANDARD.encode(&bytes)))
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_type() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"GIF89a"), Some("image/gif"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [&b""[..], b"<svg", b"RIFF", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(media_type(other), None);
        }
    }

    #[test]
    fn addresses_stay_as_they_are() {
        for address in ["http://h/i.png", "HTTPS://h/i", "data:image/png;base64,AA=="] {
            assert_eq!(url(address).unwrap(), address);
        }
        assert!(url("no/such/file.png").is_err());
    }
}
