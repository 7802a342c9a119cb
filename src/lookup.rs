//! From names to addresses and back: the methods of [`Channel`] that know more than the DNS.

use std::net::{IpAddr, SocketAddr};

use crate::addrinfo::{AddrInfo, Family, Hints, HostsEntry};
use crate::answer::Answer;
use crate::channel::Channel;
use crate::code::RecordType;
use crate::error::{Result, Subject, Whom};
use crate::ffi::context;
use crate::flags::NameInfoFlags;
use crate::large::boxed_if_large;
use crate::name::Name;
use crate::nameinfo::NameInfo;
use crate::record::table::Ptr;

impl Channel {
    /// Asks for the addresses of a host, as a program that wants to connect does.
    ///
    /// Unlike [`query`](Channel::query) this reads the hosts file, knows literal
    /// addresses and `localhost`, tries the search domains, and sorts what it finds
    /// (RFC 6724). `localhost`, and what ends in `.localhost`, is a matter of the hosts file to c-ares, so
    /// that [`Builder::lookups`](crate::Builder::lookups) without that does not know it; with a dot at its end it
    /// is a name as others are.
    ///
    /// To sort, c-ares opens a UDP socket for each address, connects it and closes it, but sends nothing:
    /// this finds out from where the address would be reached.
    /// [`AddrInfoFlags::NOSORT`](crate::AddrInfoFlags::NOSORT) leaves it out. Local addresses and devices,
    /// buffer sizes and the closures for sockets have no part in these sockets.
    ///
    /// The environment variables `HOSTALIASES` and, with
    /// [`AddrInfoFlags::ENVHOSTS`](crate::AddrInfoFlags::ENVHOSTS), `CARES_HOSTS` are read each time,
    /// without a lock: do not change the environment meanwhile.
    ///
    /// C: [`ares_getaddrinfo`](https://c-ares.org/docs/ares_getaddrinfo.html).
    ///
    /// # Errors
    ///
    /// The closure is told [`ErrorKind::Service`](crate::ErrorKind::Service) where this system does not
    /// know the service of the hints, and otherwise what that of [`search`](Channel::search) would be told. Where
    /// [`Builder::lookups`](crate::Builder::lookups), or the system's configuration, has the hosts file alone, that is
    /// [`ErrorKind::ConnectionRefused`](crate::ErrorKind::ConnectionRefused) for a name that it lacks.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, Hints};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start("www.example.com. 300 IN A 192.0.2.80")?;
    /// # let channel = Channel::builder().servers([server.address()]).build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// let hints = Hints::new().port(443);
    /// channel.addrinfo("www.example.com", &hints, move |answer| sender.send(answer).unwrap());
    ///
    /// let info = answers.recv()??;
    /// assert_eq!(info.addresses[0].address.to_string(), "192.0.2.80:443");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_getaddrinfo")]
    #[doc(alias = "ares_gethostbyname")]
    pub fn addrinfo(
        &self,
        name: &str,
        hints: &Hints,
        on_answer: impl FnOnce(Result<AddrInfo>) + Send + 'static,
    ) {
        self.ask_addrinfo(Some(name), hints, on_answer);
    }

    /// Tells the addresses under which a service is on this machine.
    ///
    /// They are `::1` and `127.0.0.1`, to connect to; or, with
    /// [`AddrInfoFlags::PASSIVE`](crate::AddrInfoFlags::PASSIVE), `::` and `0.0.0.0`, to bind to;
    /// with the port of the hints' service. Nobody is asked: the closure runs before this
    /// returns, except where queries are put off.
    ///
    /// C: [`ares_getaddrinfo`](https://c-ares.org/docs/ares_getaddrinfo.html) with a
    /// service and without a name.
    ///
    /// # Errors
    ///
    /// The closure is told [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the hints have neither
    /// service nor port, and [`ErrorKind::Service`](crate::ErrorKind::Service) where this system does not
    /// know the service.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{AddrInfoFlags, Channel, Family, Hints};
    /// use std::sync::mpsc;
    ///
    /// # let channel = Channel::builder().build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// let hints = Hints::new().port(8080).family(Family::V4).flags(AddrInfoFlags::PASSIVE);
    /// channel.addrinfo_local(&hints, move |answer| sender.send(answer).unwrap());
    ///
    /// let info = answers.recv()??;
    /// assert_eq!(info.addresses[0].address.to_string(), "0.0.0.0:8080");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn addrinfo_local(
        &self,
        hints: &Hints,
        on_answer: impl FnOnce(Result<AddrInfo>) + Send + 'static,
    ) {
        self.ask_addrinfo(None, hints, on_answer);
    }

    fn ask_addrinfo(
        &self,
        name: Option<&str>,
        hints: &Hints,
        on_answer: impl FnOnce(Result<AddrInfo>) + Send + 'static,
    ) {
        boxed_if_large!(on_answer: Result<AddrInfo> => self.ask_addrinfo_as_it_is(name, hints));
    }

    fn ask_addrinfo_as_it_is(
        &self,
        name: Option<&str>,
        hints: &Hints,
        on_answer: impl FnOnce(Result<AddrInfo>) + Send + 'static,
    ) {
        let subject = Subject {
            name: name.unwrap_or("this machine").to_owned(),
            what: hints.family,
        };
        let other = match name {
            None => Some(Whom::ThisMachine),
            Some(name) => Whom::no_server(name).or_else(|| self.instead_of_servers()),
        };
        let on_answer = subject.asked_by(told_by(other, on_answer));
        let family = hints.family;
        let on_answer = move |info: Result<AddrInfo>| {
            on_answer(info.and_then(|info| info.only(family)));
        };
        let name = name.map(|name| self.to_c(name)).transpose();
        let texts = name.and_then(|name| Ok((name, hints.service_to_c()?)));
        let (name, service) = match texts {
            Ok(texts) => texts,
            Err(error) => return context::tell(move || on_answer(Err(error))),
        };
        let hints = hints.clone();
        self.submit(move |handle| match handle {
            Ok(handle) => handle.addrinfo(name.as_deref(), service.as_deref(), &hints, on_answer),
            Err(error) => on_answer(Err(error)),
        });
    }

    /// Asks for the name of an address, and of the service at its port.
    ///
    /// This is for showing to people who has connected: one name, from the hosts file or from
    /// the DNS; or, if there is none or no server answers, the address itself
    /// ([`NameInfoFlags::NAMEREQD`] forbids that). For all names that the DNS has
    /// there is [`reverse`](Channel::reverse).
    ///
    /// An IPv6 address is written with its scope, even if that is 0: `2001:db8::1%0`. An IPv4
    /// address that is written as one of IPv6 is not looked up as one of IPv4;
    /// [`IpAddr::to_canonical`] undoes that.
    ///
    /// C: [`ares_getnameinfo`](https://c-ares.org/docs/ares_getnameinfo.html).
    ///
    /// # Errors
    ///
    /// The closure is told
    ///
    /// * [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) with [`NameInfoFlags::NAMEREQD`], also where
    ///   the servers failed: c-ares does not tell that apart;
    /// * [`ErrorKind::NoData`](crate::ErrorKind::NoData), with any flags, where the answer is an alias and
    ///   no name behind it;
    /// * [`ErrorKind::BadFlags`](crate::ErrorKind::BadFlags) with [`NameInfoFlags::NAMEREQD`] and
    ///   [`NameInfoFlags::NUMERICHOST`] together, if the host is looked up;
    /// * [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) and
    ///   [`ErrorKind::Destruction`](crate::ErrorKind::Destruction) if the channel was told so;
    /// * [`ErrorKind::TooManyQueries`](crate::ErrorKind::TooManyQueries),
    ///   [`ErrorKind::Forked`](crate::ErrorKind::Forked) and
    ///   [`ErrorKind::NoMemory`](crate::ErrorKind::NoMemory).
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, NameInfoFlags};
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start(
    /// #     "80.2.0.192.in-addr.arpa. 300 IN PTR www.example.com.")?;
    /// # let channel = Channel::builder().servers([server.address()]).build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// channel.nameinfo(
    ///     "192.0.2.80:50000".parse()?,
    ///     NameInfoFlags::LOOKUPHOST | NameInfoFlags::LOOKUPSERVICE | NameInfoFlags::NUMERICSERV,
    ///     move |answer| sender.send(answer).unwrap(),
    /// );
    ///
    /// let info = answers.recv()??;
    /// assert_eq!(info.host.as_deref(), Some("www.example.com"));
    /// assert_eq!(info.service.as_deref(), Some("50000"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ares_getnameinfo")]
    #[doc(alias = "ares_gethostbyaddr")]
    pub fn nameinfo(
        &self,
        address: SocketAddr,
        flags: NameInfoFlags,
        on_answer: impl FnOnce(Result<NameInfo>) + Send + 'static,
    ) {
        boxed_if_large!(on_answer: Result<NameInfo> => self.ask_nameinfo(address, flags));
    }

    fn ask_nameinfo(
        &self,
        address: SocketAddr,
        flags: NameInfoFlags,
        on_answer: impl FnOnce(Result<NameInfo>) + Send + 'static,
    ) {
        let on_answer = Subject {
            name: address,
            what: RecordType::PTR,
        }
        .asked_by(told_by(self.instead_of_servers(), on_answer));
        self.submit(move |handle| match handle {
            Ok(handle) => handle.nameinfo(address, flags, on_answer),
            Err(error) => on_answer(Err(error)),
        });
    }

    /// Asks the DNS for all names of an address.
    ///
    /// It is a [`query`](Channel::query) for the PTR records of
    /// [`Name::reverse`], without the hosts file. An answer may lead over aliases
    /// (RFC 2317), so that the owner of the records is another name.
    /// [`nameinfo`](Channel::nameinfo) reads the hosts file, and tells one name.
    ///
    /// # Errors
    ///
    /// The closure is told what that of [`query`](Channel::query) is.
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::Channel;
    /// use std::sync::mpsc;
    ///
    /// # let server = testserver::Server::start(
    /// #     "80.2.0.192.in-addr.arpa. 300 IN PTR www.example.com.")?;
    /// # let channel = Channel::builder().servers([server.address()]).build_threaded()?;
    /// let (sender, answers) = mpsc::channel();
    /// channel.reverse("192.0.2.80".parse()?, move |answer| sender.send(answer).unwrap());
    ///
    /// let answer = answers.recv()??;
    /// assert_eq!(answer.records[0].data.target, "www.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reverse(
        &self,
        address: IpAddr,
        on_answer: impl FnOnce(Result<Answer<Ptr>>) + Send + 'static,
    ) {
        self.query(&Name::reverse(address), on_answer);
    }

    /// Looks a name up in the hosts file, and nowhere else.
    ///
    /// The file is the one of [`Builder::hosts_file`](crate::Builder::hosts_file), read again
    /// when its date is that of a change after it was read; one that was removed is known for up to a minute. This
    /// may wait for the disk. `localhost` has its loopback addresses
    /// even where the file does not say so. Search domains are not tried, and neither are
    /// [`Builder::lookups`](crate::Builder::lookups) asked.
    ///
    /// C: [`ares_gethostbyname_file`](https://c-ares.org/docs/ares_gethostbyname_file.html).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the file is not there, or has no address
    /// of the family for the name; [`ErrorKind::File`](crate::ErrorKind::File) if it cannot be read, and
    /// [`ErrorKind::NoMemory`](crate::ErrorKind::NoMemory) if it is a folder;
    /// [`ErrorKind::BadName`](crate::ErrorKind::BadName) for a name with NUL;
    /// [`ErrorKind::InCallback`](crate::ErrorKind::InCallback) in a callback of another channel;
    /// [`ErrorKind::Forked`](crate::ErrorKind::Forked); [`ErrorKind::NoMemory`](crate::ErrorKind::NoMemory).
    ///
    /// # Examples
    ///
    /// ```
    /// use c_ares::{Channel, Family};
    ///
    /// let channel = Channel::builder().build_threaded()?;
    /// let entry = channel.hosts_file("localhost", Family::V4)?;
    /// assert!(entry.addresses.iter().all(|address| address.is_loopback()));
    /// # Ok::<(), c_ares::Error>(())
    /// ```
    #[doc(alias = "ares_gethostbyname_file")]
    pub fn hosts_file(&self, name: &str, family: Family) -> Result<HostsEntry> {
        let subject = Subject { name, what: family };
        let whom = Whom::nobody(name).unwrap_or(Whom::HostsFile);
        self.to_c(name)
            .and_then(|name| self.handle.hosts_file(&name, family))
            .map_err(|error| error.about(subject).asked_of_other(Some(whom)))
    }

    fn instead_of_servers(&self) -> Option<Whom> {
        self.handle
            .asks_hosts_file_alone()
            .then_some(Whom::HostsFile)
    }
}

/// The closure with errors that name somebody else in place of the servers.
fn told_by<T>(other: Option<Whom>, on_answer: impl FnOnce(Result<T>)) -> impl FnOnce(Result<T>) {
    move |answer| on_answer(answer.map_err(|error| error.asked_of_other(other)))
}
