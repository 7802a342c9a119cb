//! A network, for the sort list.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// A network: an address, and how many of its bits count.
///
/// ```
/// use c_ares::Subnet;
///
/// let subnet: Subnet = "192.0.2.0/24".parse()?;
/// assert_eq!(subnet, Subnet::new([192, 0, 2, 0].into(), 24)?);
/// assert_eq!(subnet.to_string(), "192.0.2.0/24");
///
/// let error = "192.0.2.0/33".parse::<Subnet>().unwrap_err();
/// assert!(error.to_string().contains("192.0.2.0/33"));
/// # Ok::<(), c_ares::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subnet {
    address: IpAddr,
    prefix: u8,
}

impl Subnet {
    /// The network of the addresses that begin with the first `prefix` bits of `address`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadSubnet`] if the address has fewer bits: 32, or 128 for IPv6.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self> {
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        if prefix > most {
            return Err(ErrorKind::BadSubnet {
                subnet: format!("{address}/{prefix}"),
            }
            .into());
        }
        Ok(Subnet { address, prefix })
    }

    /// The address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits of the address count.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Subnet {
    type Err = Error;

    /// Reads `ADDRESS/BITS`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadSubnet`] with the text.
    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            Error::from(ErrorKind::BadSubnet {
                subnet: text.to_owned(),
            })
        };
        let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
        if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let address = address.parse().map_err(|_| bad())?;
        let prefix = prefix.parse().map_err(|_| bad())?;
        Subnet::new(address, prefix).map_err(|_| bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "192.0.2.0/24",
            "0.0.0.0/0",
            "192.0.2.1/32",
            "2001:db8::/32",
            "::/0",
        ] {
            assert_eq!(text.parse::<Subnet>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_text() {
        for text in [
            "",
            "192.0.2.0",
            "192.0.2.0/",
            "192.0.2.0/33",
            "192.0.2.0/256",
            "192.0.2.0/+4",
            "192.0.2.0/255.255.255.0",
            "192.0.2.0/24 ",
            "2001:db8::/129",
            "2001:db8::%eth0/64",
            "192.0.2.0/24\0",
        ] {
            let error = text.parse::<Subnet>().unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }
}
