//! Images for a prompt: an address is sent as it is, and a file with its bytes. `chatwire-types` reads the
//! file.

use chatwire::ContentPart;

use crate::failure::Failure;

/// The beginnings of addresses.
const SCHEMES: [&str; 3] = ["http://", "https://", "data:"];

/// The part of a prompt for a file or an address.
pub(crate) fn part(file_or_address: &str) -> Result<ContentPart, Failure> {
    let begins_with = |scheme: &&str| {
        let beginning = file_or_address.get(..scheme.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme))
    };
    if SCHEMES.iter().any(begins_with) {
        return Ok(ContentPart::image_url(file_or_address));
    }
    ContentPart::image_file(file_or_address).map_err(|error| Failure::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_as_they_are() {
        for address in ["http://h/i.png", "HTTPS://h/i", "data:image/png;base64,AA=="] {
            assert_eq!(part(address).unwrap(), ContentPart::image_url(address));
        }
        assert!(part("no/such/file.png").is_err());
    }
}
