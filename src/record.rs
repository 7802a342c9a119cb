//! Records: one row per type.
//!
//! A row gives the type's fields, each with its Rust type and the c-ares key it
//! is read by. The Rust type picks the getter ([`field::Field`]), so that how
//! data crosses from C is written once per C data type, not once per record.

pub(crate) mod field;
pub(crate) mod param;

use std::fmt;

use c_ares_sys as sys;

use crate::code::{Class, RecordType};
use crate::error::Result;
use crate::ffi::message::Rr;
use crate::name::Name;
use field::{Base64, Field, Hex, Text, UriText, Word};
use param::SvcParam;
use std::net::{Ipv4Addr, Ipv6Addr};

/// One resource record: an owner name, and data of type `T`.
///
/// `Display` writes it as a line of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<T> {
    /// The owner name: whose record this is. Behind a CNAME it is not the name
    /// that was asked for.
    pub name: Name,
    /// The class, nearly always [`Class::IN`].
    pub class: Class,
    /// For how long the record may be cached, in seconds.
    pub ttl: u32,
    /// The data.
    pub data: T,
}

impl<T: RecordData> fmt::Display for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record {
            name,
            class,
            ttl,
            data,
        } = self;
        write!(f, "{name} {ttl} {class} {} {data}", data.record_type())
    }
}

/// Data of a record: implemented by each record type, and by [`RData`] for all of them.
///
/// It cannot be implemented outside this crate.
pub trait RecordData:
    Sized + Clone + fmt::Debug + fmt::Display + Send + sealed::Read + 'static
{
    /// The type of this record.
    fn record_type(&self) -> RecordType;
}

/// Data of one record type, known when the program is compiled: `A`, `Mx`, ….
pub trait TypedData: RecordData {
    /// The type that is asked for to get such data.
    const TYPE: RecordType;
}

pub(crate) mod sealed {
    use super::{Result, Rr};

    /// Reads the data out of a record of a message.
    pub trait Read: Sized {
        /// `None` if the record is of another type.
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn read(rr: Rr<'_>) -> Result<Option<Self>>;
    }
}

macro_rules! records {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $code:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $type:ty = $key:ident,
            )+
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub struct $name {
                $($(#[doc = $field_doc])+ pub $field: $type,)+
            }

            impl RecordData for $name {
                fn record_type(&self) -> RecordType {
                    RecordType::$code
                }
            }

            impl TypedData for $name {
                const TYPE: RecordType = RecordType::$code;
            }

            impl sealed::Read for $name {
                #[allow(private_interfaces)]
                fn read(rr: Rr<'_>) -> Result<Option<Self>> {
                    if rr.record_type() != RecordType::$code {
                        return Ok(None);
                    }
                    Ok(Some($name { $($field: Field::read(rr, sys::$key)?,)+ }))
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    field::write_all(f, &[$(&self.$field),+])
                }
            }

            impl From<$name> for RData {
                fn from(data: $name) -> Self {
                    RData::$name(data)
                }
            }
        )+

        /// The data of a record of any type.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RData {
            $($(#[doc = $doc])+ $name($name),)+
            /// A type that this crate has no structure for.
            Other(Other),
        }

        impl RecordData for RData {
            fn record_type(&self) -> RecordType {
                match self {
                    $(RData::$name(data) => data.record_type(),)+
                    RData::Other(data) => data.record_type,
                }
            }
        }

        impl sealed::Read for RData {
            #[allow(private_interfaces)]
            fn read(rr: Rr<'_>) -> Result<Option<Self>> {
                match rr.record_type() {
                    $(RecordType::$code => Ok($name::read(rr)?.map(RData::$name)),)+
                    // A part of how the message was sent (RFC 6891), not data of a name.
                    RecordType::OPT => Ok(None),
                    record_type => Ok(Some(RData::Other(Other { record_type, data: rr.raw()? }))),
                }
            }
        }

        impl fmt::Display for RData {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(RData::$name(data) => data.fmt(f),)+
                    RData::Other(data) => data.fmt(f),
                }
            }
        }

        /// For the test that compares the table with c-ares' own.
        #[cfg(test)]
        const TABLE: &[(RecordType, &[(sys::ares_dns_rr_key_t, sys::ares_dns_datatype_t)])] = &[
            $((RecordType::$code, &[$((sys::$key, <$type as Field>::DATATYPE)),+])),+
        ];
    };
}

records! {
    /// An IPv4 address (RFC 1035).
    A = A {
        /// The address.
        address: Ipv4Addr = ARES_RR_A_ADDR,
    }
    /// An authoritative server of a zone (RFC 1035).
    Ns = NS {
        /// The server's name.
        server: Name = ARES_RR_NS_NSDNAME,
    }
    /// The canonical name that an alias stands for (RFC 1035).
    Cname = CNAME {
        /// The canonical name.
        canonical: Name = ARES_RR_CNAME_CNAME,
    }
    /// The start of a zone of authority (RFC 1035).
    Soa = SOA {
        /// The zone's primary server.
        mname: Name = ARES_RR_SOA_MNAME,
        /// The mailbox of who is responsible, its `@` written as a dot.
        rname: Name = ARES_RR_SOA_RNAME,
        /// The version of the zone.
        serial: u32 = ARES_RR_SOA_SERIAL,
        /// How often secondaries look for a new version, in seconds.
        refresh: u32 = ARES_RR_SOA_REFRESH,
        /// How soon they try again after a failure, in seconds.
        retry: u32 = ARES_RR_SOA_RETRY,
        /// When they give the zone up, in seconds.
        expire: u32 = ARES_RR_SOA_EXPIRE,
        /// For how long a negative answer may be cached, in seconds (RFC 2308).
        minimum: u32 = ARES_RR_SOA_MINIMUM,
    }
    /// A domain name pointer, as of an address back to its name (RFC 1035).
    Ptr = PTR {
        /// The name that is pointed to.
        target: Name = ARES_RR_PTR_DNAME,
    }
    /// What a host is (RFC 1035).
    Hinfo = HINFO {
        /// The kind of processor.
        cpu: String = ARES_RR_HINFO_CPU,
        /// The operating system.
        os: String = ARES_RR_HINFO_OS,
    }
    /// A mail exchange (RFC 1035).
    Mx = MX {
        /// Lower is tried first.
        preference: u16 = ARES_RR_MX_PREFERENCE,
        /// The host that takes the mail.
        exchange: Name = ARES_RR_MX_EXCHANGE,
    }
    /// Text: a sequence of byte strings, each of up to 255 bytes (RFC 1035).
    Txt = TXT {
        /// The strings, one by one. What they mean together is up to the reader;
        /// SPF and DKIM join them.
        strings: Vec<Vec<u8>> = ARES_RR_TXT_DATA,
    }
    /// A signature (RFC 2535, RFC 2931).
    Sig = SIG {
        /// The type of the records that are signed, 0 for a transaction.
        type_covered: RecordType = ARES_RR_SIG_TYPE_COVERED,
        /// The algorithm's number.
        algorithm: u8 = ARES_RR_SIG_ALGORITHM,
        /// How many labels the owner name had before wildcards were expanded.
        labels: u8 = ARES_RR_SIG_LABELS,
        /// The TTL of the records when they were signed, in seconds.
        original_ttl: u32 = ARES_RR_SIG_ORIGINAL_TTL,
        /// When the signature ends, in seconds since 1970, modulo 2³².
        expiration: u32 = ARES_RR_SIG_EXPIRATION,
        /// When the signature begins, in seconds since 1970, modulo 2³².
        inception: u32 = ARES_RR_SIG_INCEPTION,
        /// A hint which key it was.
        key_tag: u16 = ARES_RR_SIG_KEY_TAG,
        /// Whose key it was.
        signer: Name = ARES_RR_SIG_SIGNERS_NAME,
        /// The signature.
        signature: Base64 = ARES_RR_SIG_SIGNATURE,
    }
    /// An IPv6 address (RFC 3596).
    Aaaa = AAAA {
        /// The address.
        address: Ipv6Addr = ARES_RR_AAAA_ADDR,
    }
    /// Where a service is to be had (RFC 2782).
    Srv = SRV {
        /// Lower is tried first.
        priority: u16 = ARES_RR_SRV_PRIORITY,
        /// The share among those of equal priority.
        weight: u16 = ARES_RR_SRV_WEIGHT,
        /// The port.
        port: u16 = ARES_RR_SRV_PORT,
        /// The host.
        target: Name = ARES_RR_SRV_TARGET,
    }
    /// A rule by which a name becomes another, or a URI (RFC 3403).
    Naptr = NAPTR {
        /// Lower must be used first.
        order: u16 = ARES_RR_NAPTR_ORDER,
        /// Among those of equal order, lower is better used first.
        preference: u16 = ARES_RR_NAPTR_PREFERENCE,
        /// What the result is, by the application's letters.
        flags: String = ARES_RR_NAPTR_FLAGS,
        /// The services that the rule leads to.
        services: String = ARES_RR_NAPTR_SERVICES,
        /// The substitution, or empty.
        regexp: String = ARES_RR_NAPTR_REGEXP,
        /// The name to look up next, or the root where there is a substitution.
        replacement: Name = ARES_RR_NAPTR_REPLACEMENT,
    }
    /// Which certificate a TLS server has (RFC 6698).
    Tlsa = TLSA {
        /// How the certificate is to be used: 0 to 3.
        usage: u8 = ARES_RR_TLSA_CERT_USAGE,
        /// The whole certificate (0) or its public key (1).
        selector: u8 = ARES_RR_TLSA_SELECTOR,
        /// The data itself (0), its SHA-256 (1) or its SHA-512 (2).
        matching: u8 = ARES_RR_TLSA_MATCH,
        /// What must match.
        data: Hex = ARES_RR_TLSA_DATA,
    }
    /// How to reach a service (RFC 9460).
    Svcb = SVCB {
        /// Lower is tried first; 0 makes it an alias of the target.
        priority: u16 = ARES_RR_SVCB_PRIORITY,
        /// The host, or the root for the owner itself.
        target: Name = ARES_RR_SVCB_TARGET,
        /// The parameters.
        params: Vec<SvcParam> = ARES_RR_SVCB_PARAMS,
    }
    /// How to reach an HTTPS server (RFC 9460).
    Https = HTTPS {
        /// Lower is tried first; 0 makes it an alias of the target.
        priority: u16 = ARES_RR_HTTPS_PRIORITY,
        /// The host, or the root for the owner itself.
        target: Name = ARES_RR_HTTPS_TARGET,
        /// The parameters.
        params: Vec<SvcParam> = ARES_RR_HTTPS_PARAMS,
    }
    /// A URI (RFC 7553).
    Uri = URI {
        /// Lower is tried first.
        priority: u16 = ARES_RR_URI_PRIORITY,
        /// The share among those of equal priority.
        weight: u16 = ARES_RR_URI_WEIGHT,
        /// The URI.
        target: UriText = ARES_RR_URI_TARGET,
    }
    /// Who may issue certificates for a name (RFC 8659).
    Caa = CAA {
        /// The flags; 128 says that an issuer must know the tag.
        flags: u8 = ARES_RR_CAA_CRITICAL,
        /// What it is about: `issue`, `issuewild`, `iodef`, ….
        tag: Word = ARES_RR_CAA_TAG,
        /// The value.
        value: Text = ARES_RR_CAA_VALUE,
    }
}

impl Txt {
    /// All strings joined, as SPF and DKIM read them.
    pub fn joined(&self) -> Vec<u8> {
        self.strings.concat()
    }
}

/// The data of a record whose type this crate has no structure for.
///
/// `Display` writes it in the generic form of RFC 3597.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Other {
    /// The type of the record.
    pub record_type: RecordType,
    /// The data as it was on the wire.
    pub data: Vec<u8>,
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"\# {}", self.data.len())?;
        if !self.data.is_empty() {
            f.write_str(" ")?;
        }
        self.data
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::message::{datatype, keys};

    /// A field that c-ares has and a row lacks, or has otherwise, fails here.
    #[test]
    fn each_row_has_the_fields_that_c_ares_has() {
        for (record_type, fields) in TABLE {
            let ours: Vec<_> = fields.iter().map(|(key, _)| *key).collect();
            assert_eq!(ours, keys(*record_type), "{record_type}");
            for (key, expected) in *fields {
                assert_eq!(datatype(*key), *expected, "{record_type}, key {key}");
            }
        }
    }

    /// A type that c-ares takes apart and that has no row would come out empty.
    #[test]
    fn each_type_that_c_ares_takes_apart_has_a_row() {
        let ours: Vec<_> = TABLE.iter().map(|(record_type, _)| *record_type).collect();
        for number in 1..=u16::MAX {
            let record_type = RecordType(number);
            let taken_apart = !keys(record_type).is_empty() && record_type != RecordType::OPT;
            assert_eq!(taken_apart, ours.contains(&record_type), "{record_type}");
        }
    }

    #[test]
    fn data_is_written_as_in_a_zone_file() {
        let mx = Mx {
            preference: 10,
            exchange: Name::from("mail.example"),
        };
        assert_eq!(mx.to_string(), "10 mail.example.");
        let txt = Txt {
            strings: vec![b"a \"b\"".to_vec(), b"\\\xff".to_vec(), Vec::new()],
        };
        assert_eq!(txt.to_string(), r#""a \"b\"" "\\\255" """#);
        let other = Other {
            record_type: RecordType(65280),
            data: vec![1, 0xab],
        };
        assert_eq!(other.to_string(), r"\# 2 01ab");
        let empty = Other {
            record_type: RecordType(65280),
            data: Vec::new(),
        };
        assert_eq!(empty.to_string(), r"\# 0");
    }
}
