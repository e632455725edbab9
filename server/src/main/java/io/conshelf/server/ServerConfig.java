package io.conshelf.server;

import io.conshelf.engine.Limits;
import io.conshelf.server.identity.SignInOptions;
import io.conshelf.server.page.WebOrigin;
import io.conshelf.server.storage.AccountHosts;
import io.conshelf.server.tls.Tls;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How a server is to run.
///
/// @param host           where it listens: a loopback name or address; another one only with TLS and authentication, and for https only
/// @param port           of http, which never leaves loopback; 0 picks a free one
/// @param data           where databases live; absent means in memory
/// @param databases      created when they do not exist yet
/// @param auth           who may come in
/// @param allowedFolders folders whose files commands such as `.ingest into` may read
/// @param hostNames      names besides loopback under which clients reach this server, in lower case without port
/// @param limits         bounds of the front door
/// @param engineLimits   bounds of queries and commands
/// @param live           hosts beyond this machine that SQL connections of commands may reach, in lower case
/// @param tls            https beside http
/// @param signIn         whose tokens are let in beside those of this cluster, with [Auth#ENTRA]
/// @param explorer       what the pages of the Azure Data Explorer web application may do from a browser
/// @param accountHosts   names under which clients reach accounts of the storage, as the service has them
/// @param origins        whose pages are the server's own, beside those of the origin that a request comes in on
/// @param keptApart      files and folders with secrets, which no allowed folder may have in it, beside the server's own
public record ServerConfig(
        String host,
        int port,
        Optional<Path> data,
        List<String> databases,
        Auth auth,
        List<Path> allowedFolders,
        Set<String> hostNames,
        ServerLimits limits,
        Limits engineLimits,
        Set<String> live,
        Optional<Tls> tls,
        SignInOptions signIn,
        Explorer explorer,
        AccountHosts accountHosts,
        Set<WebOrigin> origins,
        List<KeptApart> keptApart) {
    /// Who may come in.
    public enum Auth {
        /// Everyone on this machine, as the local administrator.
        NONE,
        /// Holders of a Microsoft Entra token.
        ENTRA
    }

    /// What pages of the Azure Data Explorer web application may do from a browser.
    public enum Explorer {
        /// Nothing.
        NONE,
        /// Ask what changes nothing, where nobody signs in; what their token allows, where they do.
        READ,
        /// Whatever who asks may.
        WRITE
    }

    public ServerConfig {
        databases = List.copyOf(databases);
        allowedFolders = List.copyOf(allowedFolders);
        hostNames = Set.copyOf(hostNames);
        live = Set.copyOf(live);
        origins = Set.copyOf(origins);
        keptApart = List.copyOf(keptApart);
    }

    /// In memory, on a free port of 127.0.0.1, open to this machine.
    public static ServerConfig local() {
        return new ServerConfig(
                "127.0.0.1", 0, Optional.empty(), List.of(), Auth.NONE, List.of(), Set.of(),
                ServerLimits.DEFAULT, Limits.ofThisMachine(), Set.of(), Optional.empty(), SignInOptions.OWN, Explorer.READ, AccountHosts.NONE, Set.of(), List.of());
    }

    public ServerConfig withHost(String newHost) {
        return new ServerConfig(newHost, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withPort(int newPort) {
        return new ServerConfig(host, newPort, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withData(Path folder) {
        return new ServerConfig(host, port, Optional.of(folder), databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withDatabases(List<String> names) {
        return new ServerConfig(host, port, data, names, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withAuth(Auth newAuth) {
        return new ServerConfig(host, port, data, databases, newAuth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withAllowedFolders(List<Path> folders) {
        return new ServerConfig(host, port, data, databases, auth, folders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withHostNames(Set<String> names) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, names, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withEngineLimits(Limits newLimits) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, newLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withLimits(ServerLimits newLimits) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, newLimits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withTls(Tls newTls) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, Optional.of(newTls), signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withLive(Set<String> hosts) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, hosts, tls, signIn, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withSignIn(SignInOptions options) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, options, explorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withExplorer(Explorer newExplorer) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, newExplorer, accountHosts, origins, keptApart);
    }

    public ServerConfig withAccountHosts(AccountHosts hosts) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, hosts, origins, keptApart);
    }

    public ServerConfig withOrigins(Set<WebOrigin> pages) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, pages, keptApart);
    }

    public ServerConfig withKeptApart(List<KeptApart> kept) {
        return new ServerConfig(host, port, data, databases, auth, allowedFolders, hostNames, limits, engineLimits, live, tls, signIn, explorer, accountHosts, origins, kept);
    }
}
