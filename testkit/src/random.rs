//! Numbers that are the same in every run.

/// xorshift64* (Marsaglia 2003, Vigna 2016); the seed is not zero.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below a limit; zero for the limit zero.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }
}
