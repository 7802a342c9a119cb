"""Reads lines of zone files with dnspython, and compares them with the wire.

Each line of the input is OWNER, TYPE, RDATA and the line of a zone file, with tabs between
them; owner and rdata are hexadecimal, as they were on the wire.
"""

import sys

import dns.name
import dns.zonefile

# dnspython takes SIG for unknown. RRSIG has the same form (RFC 4034, section 3.2).
STANDS_FOR = {"SIG": "RRSIG"}


def reads_back(owner: str, record_type: str, rdata: str, line: str) -> str | None:
    """None, or what another parser makes of the line."""
    type_read = STANDS_FOR.get(record_type, record_type)
    line = line.replace(f" IN {record_type} ", f" IN {type_read} ", 1)
    try:
        # All names are absolute; but dnspython takes a SOA only where a zone begins.
        origin, _ = dns.name.from_wire(bytes.fromhex(owner), 0)
        [rrset] = dns.zonefile.read_rrsets(line, rdclass=None, origin=origin)
        [read] = rrset
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    got = (rrset.name.to_wire().hex(), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, read.to_wire().hex())
    wanted = (owner, type_read, 300, rdata)
    return None if got == wanted else f"{got}"


def main(path: str, least: int) -> int:
    bad = 0
    count = {}
    with open(path, encoding="ascii", newline="\n") as lines:
        for text in lines:
            owner, record_type, rdata, line = text.rstrip("\n").split("\t")
            count[record_type] = count.get(record_type, 0) + 1
            if problem := reads_back(owner, record_type, rdata, line):
                bad += 1
                print(f"{line}\n  was {owner} {rdata}\n  is  {problem}")
    total = sum(count.values())
    print(f"{total - bad} of {total} records read back:", ", ".join(f"{n} {c}" for n, c in sorted(count.items())))
    if total < least:
        print(f"at least {least} were expected")
    return int(bad > 0 or total < least)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
