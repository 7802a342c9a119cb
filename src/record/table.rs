//! The table of record types: one row each.
//!
//! A row gives the type's fields, each with its Rust type and the c-ares key it
//! is read by. The Rust type picks the getter ([`field::Field`]), so that how
//! data crosses from C is written once per C data type, not once per record.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use c_ares_sys as sys;
#[cfg(feature = "serde")]
use serde::Deserialize;

use super::field::{self, Base64, Field, Hex, Text, UriText, Word};
use super::option::EdnsOption;
use super::param::SvcParam;
use super::{Other, RecordData, TypedData, option, sealed};
use crate::code::RecordType;
use crate::error::Result;
use crate::ffi::record::{Rr, RrMut};
use crate::name::Name;
#[cfg(feature = "serde")]
use crate::serialize::{self, Tag};

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
            #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
            pub struct $name {
                $(
                    $(#[doc = $field_doc])+
                    #[cfg_attr(feature = "serde", serde(with = "crate::serialize"))]
                    pub $field: $type,
                )+
            }

            impl RecordData for $name {
                fn record_type(&self) -> RecordType {
                    RecordType::$code
                }
            }

            impl TypedData for $name {
                const TYPE: RecordType = RecordType::$code;
            }

            impl sealed::Data for $name {
                #[allow(private_interfaces)]
                fn read(rr: Rr<'_>) -> Result<Option<Self>> {
                    if rr.raw_type() != sys::c_enum::from(RecordType::$code.0) {
                        return Ok(None);
                    }
                    Ok(Some($name { $($field: Field::read(rr, sys::$key)?,)+ }))
                }

                #[allow(private_interfaces)]
                fn write(&self, rr: &mut RrMut<'_>) -> Result<()> {
                    $(self.$field.write(rr, sys::$key)?;)+
                    Ok(())
                }

                fn raw_type(&self) -> sys::c_enum {
                    RecordType::$code.0.into()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    records!(@display self, f, $code: $($field)+)
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

        impl From<Other> for RData {
            fn from(data: Other) -> Self {
                RData::Other(data)
            }
        }

        impl RecordData for RData {
            fn record_type(&self) -> RecordType {
                match self {
                    $(RData::$name(data) => data.record_type(),)+
                    RData::Other(data) => data.record_type,
                }
            }
        }

        impl sealed::Data for RData {
            #[allow(private_interfaces)]
            fn read(rr: Rr<'_>) -> Result<Option<Self>> {
                let record_type = rr.record_type();
                if let Some(data) = rr.raw() {
                    return Ok(Some(RData::Other(Other { record_type, data })));
                }
                match record_type {
                    $(RecordType::$code => Ok($name::read(rr)?.map(RData::$name)),)+
                    _ => Ok(None),
                }
            }

            #[allow(private_interfaces)]
            fn write(&self, rr: &mut RrMut<'_>) -> Result<()> {
                match self {
                    $(RData::$name(data) => data.write(rr),)+
                    RData::Other(data) => rr.set_raw(data.record_type, &data.data),
                }
            }

            fn raw_type(&self) -> sys::c_enum {
                match self {
                    $(RData::$name(data) => data.raw_type(),)+
                    RData::Other(_) => sys::ARES_REC_TYPE_RAW_RR,
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

        #[cfg(feature = "serde")]
        impl serde::Serialize for RData {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                let record_type = self.record_type();
                let tag = |as_bytes| Tag { record_type, as_bytes };
                match self {
                    $(RData::$name(data) => serialize::tagged(serializer, tag(false), data),)+
                    RData::Other(data) => {
                        let has_structure = matches!(record_type, $(RecordType::$code)|+);
                        serialize::tagged_bytes(serializer, tag(has_structure), &data.data)
                    }
                }
            }
        }

        #[cfg(feature = "serde")]
        impl RData {
            /// Reads the data that stands under this tag.
            pub(crate) fn deserialize_as<'de, D: serde::Deserializer<'de>>(
                tag: Tag,
                deserializer: D,
            ) -> Result<Self, D::Error> {
                match tag.record_type {
                    $(RecordType::$code if !tag.as_bytes => {
                        $name::deserialize(deserializer).map(RData::$name)
                    })+
                    record_type => serialize::deserialize(deserializer)
                        .map(|data| RData::Other(Other { record_type, data })),
                }
            }
        }

        /// For the test that compares the table with c-ares' own.
        #[cfg(test)]
        pub(super) const TABLE: &[(RecordType, &[(sys::ares_dns_rr_key_t, sys::ares_dns_datatype_t)])] = &[
            $((RecordType::$code, &[$((sys::$key, <$type as Field>::DATATYPE)),+])),+
        ];
    };
    // The one type that stands in no zone file.
    (@display $self:ident, $f:ident, OPT: $($field:ident)+) => {
        option::write_dig($f, $self)
    };
    (@display $self:ident, $f:ident, $code:ident: $($field:ident)+) => {
        field::write_all($f, &[$(&$self.$field),+])
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
    /// How a message is sent, and what else is said with it: EDNS (RFC 6891).
    ///
    /// A record of this type stands in the additional section, at most one in a message. Its
    /// owner is the root; it has no class and no TTL. The rest of the rcode is in
    /// [`Header::rcode`](crate::Header::rcode).
    ///
    /// `Display` writes it as `dig` does.
    Opt = OPT {
        /// The largest UDP message that the sender takes, in bytes.
        udp_size: u16 = ARES_RR_OPT_UDP_SIZE,
        /// The version of EDNS, 0.
        version: u8 = ARES_RR_OPT_VERSION,
        /// The flags; [`Opt::DNSSEC_OK`] is the one that is defined.
        flags: u16 = ARES_RR_OPT_FLAGS,
        /// The options.
        options: Vec<EdnsOption> = ARES_RR_OPT_OPTIONS,
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

impl Opt {
    /// The flag DO: the sender takes DNSSEC records (RFC 3225).
    pub const DNSSEC_OK: u16 = 0x8000;
}

impl Default for Opt {
    /// What c-ares sends: messages of up to 1,232 bytes, version 0, no flag and no option.
    fn default() -> Self {
        Opt {
            udp_size: 1232,
            version: 0,
            flags: 0,
            options: Vec::new(),
        }
    }
}

impl Txt {
    /// All strings joined, as SPF and DKIM read them.
    pub fn joined(&self) -> Vec<u8> {
        self.strings.concat()
    }
}
