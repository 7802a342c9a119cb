//! Messages put together by hand, for what c-ares itself would not write.

/// A response to the question `. A IN` with one record, whose owner is the root.
pub fn response(section: usize, record_type: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut counts = [1u16, 0, 0, 0];
    counts[1 + section % 3] = 1;
    let mut wire = vec![0x12, 0x34, 0x80, 0];
    wire.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    wire.extend([0, 0, 1, 0, 1]);
    wire.push(0);
    wire.extend(record_type.to_be_bytes());
    wire.extend(class.to_be_bytes());
    wire.extend(ttl.to_be_bytes());
    wire.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    wire.extend(data);
    wire
}

/// Numbered values, each with its length, as options and parameters are written.
pub fn numbered(values: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut wire = Vec::new();
    for (number, value) in values {
        wire.extend(number.to_be_bytes());
        wire.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        wire.extend(value);
    }
    wire
}

/// What c-ares keeps: of values with the same number the last, in the place of the first.
pub fn collapsed(values: &[(u16, Vec<u8>)]) -> Vec<(u16, Vec<u8>)> {
    let mut kept: Vec<(u16, Vec<u8>)> = Vec::new();
    for (number, value) in values {
        match kept.iter_mut().find(|(known, _)| known == number) {
            Some((_, old)) => old.clone_from(value),
            None => kept.push((*number, value.clone())),
        }
    }
    kept
}
