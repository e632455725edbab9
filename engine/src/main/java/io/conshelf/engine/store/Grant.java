package io.conshelf.engine.store;

/// A role that a principal holds on a database or table.
///
/// @param principal   fully qualified: `aadapp=<id>;<tenant>`
/// @param displayName for people
public record Grant(Role role, String principal, String displayName, String notes) {}
