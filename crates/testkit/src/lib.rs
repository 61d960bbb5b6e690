//! `TestApp`, builders and the contract-checking client.
