package io.conshelf.server.storage;

/// Where a request came from, as far as a signature may restrict it.
///
/// @param address the client's IP address; empty inside the process
record Caller(boolean isSecure, String address) {
    /// Restrictions on network and protocol don't concern a URI that the process reads for itself.
    static Caller inProcess() {
        return new Caller(true, "");
    }
}
