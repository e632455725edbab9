package io.conshelf.streams.service;

import java.util.List;

/// The managed identities of jobs, which somebody else keeps.
public interface Identities {
    /// The identity of this name, made where there is none.
    JobIdentity identity(String name);

    /// Gives it roles on a database, as Kusto calls them.
    ///
    /// @return false where there is no such database
    boolean grant(JobIdentity identity, String database, List<String> roles);

    void remove(JobIdentity identity);

    /// @param clientId by which its tokens are asked for
    record JobIdentity(String clientId, String objectId, String tenant) {}
}
