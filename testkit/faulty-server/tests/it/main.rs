//! The healthy server does what the document says, and each fault can be seen from outside.

mod catalogue;
mod client;
mod examples;
mod load;
mod sequences;
