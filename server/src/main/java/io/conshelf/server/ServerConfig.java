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
/// @param addresses  where it listens, and by which names clients reach it
/// @param folders    what it keeps and may read of this machine
/// @param admittance who may come in
/// @param bounds     what one server, and a request in it, may take
/// @param live       hosts beyond this machine that SQL connections of commands may reach, in lower case
public record ServerConfig(Addresses addresses, Folders folders, Admittance admittance, Bounds bounds, Set<String> live) {
    /// Where a server listens.
    ///
    /// @param host         a loopback name or address; another one only with TLS and authentication, and for https only
    /// @param port         of http, which never leaves loopback; 0 picks a free one
    /// @param hostNames    names besides loopback under which clients reach this server, in lower case without port
    /// @param accountHosts names under which clients reach accounts of the storage, as the service has them
    /// @param tls          https beside http
    public record Addresses(String host, int port, Set<String> hostNames, AccountHosts accountHosts, Optional<Tls> tls) {
        public Addresses {
            hostNames = Set.copyOf(hostNames);
        }
    }

    /// What a server keeps and may read of its machine.
    ///
    /// @param data      where databases live; absent means in memory
    /// @param databases created when they do not exist yet
    /// @param allowed   folders whose files commands such as `.ingest into` may read
    /// @param keptApart files and folders with secrets, which no allowed folder may have in it, beside the server's own
    public record Folders(Optional<Path> data, List<String> databases, List<Path> allowed, List<KeptApart> keptApart) {
        public Folders {
            databases = List.copyOf(databases);
            allowed = List.copyOf(allowed);
            keptApart = List.copyOf(keptApart);
        }
    }

    /// Who may come in.
    ///
    /// @param auth     whether who asks says who that is
    /// @param signIn   whose tokens are let in beside those of this cluster, with [Auth#ENTRA]
    /// @param explorer what the pages of the Azure Data Explorer web application may do from a browser
    /// @param origins  whose pages are the server's own, beside those of the origin that a request comes in on
    public record Admittance(Auth auth, SignInOptions signIn, Explorer explorer, Set<WebOrigin> origins) {
        public Admittance {
            origins = Set.copyOf(origins);
        }
    }

    /// What a server may take.
    ///
    /// @param door   bounds of the front door
    /// @param engine bounds of queries and commands
    public record Bounds(ServerLimits door, Limits engine) {}

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
        live = Set.copyOf(live);
    }

    /// In memory, on a free port of 127.0.0.1, open to this machine.
    public static ServerConfig local() {
        return new ServerConfig(
                new Addresses("127.0.0.1", 0, Set.of(), AccountHosts.NONE, Optional.empty()),
                new Folders(Optional.empty(), List.of(), List.of(), List.of()),
                new Admittance(Auth.NONE, SignInOptions.OWN, Explorer.READ, Set.of()),
                new Bounds(ServerLimits.DEFAULT, Limits.ofThisMachine()),
                Set.of());
    }

    public String host() {
        return addresses.host();
    }

    public int port() {
        return addresses.port();
    }

    public Set<String> hostNames() {
        return addresses.hostNames();
    }

    public AccountHosts accountHosts() {
        return addresses.accountHosts();
    }

    public Optional<Tls> tls() {
        return addresses.tls();
    }

    public Optional<Path> data() {
        return folders.data();
    }

    public List<String> databases() {
        return folders.databases();
    }

    public List<Path> allowedFolders() {
        return folders.allowed();
    }

    public List<KeptApart> keptApart() {
        return folders.keptApart();
    }

    public Auth auth() {
        return admittance.auth();
    }

    public SignInOptions signIn() {
        return admittance.signIn();
    }

    public Explorer explorer() {
        return admittance.explorer();
    }

    public Set<WebOrigin> origins() {
        return admittance.origins();
    }

    public ServerLimits limits() {
        return bounds.door();
    }

    public Limits engineLimits() {
        return bounds.engine();
    }

    public ServerConfig withHost(String host) {
        return with(new Addresses(host, addresses.port(), addresses.hostNames(), addresses.accountHosts(), addresses.tls()));
    }

    public ServerConfig withPort(int port) {
        return with(new Addresses(addresses.host(), port, addresses.hostNames(), addresses.accountHosts(), addresses.tls()));
    }

    public ServerConfig withHostNames(Set<String> names) {
        return with(new Addresses(addresses.host(), addresses.port(), names, addresses.accountHosts(), addresses.tls()));
    }

    public ServerConfig withAccountHosts(AccountHosts hosts) {
        return with(new Addresses(addresses.host(), addresses.port(), addresses.hostNames(), hosts, addresses.tls()));
    }

    public ServerConfig withTls(Tls tls) {
        return with(new Addresses(addresses.host(), addresses.port(), addresses.hostNames(), addresses.accountHosts(), Optional.of(tls)));
    }

    public ServerConfig withData(Path folder) {
        return with(new Folders(Optional.of(folder), folders.databases(), folders.allowed(), folders.keptApart()));
    }

    public ServerConfig withDatabases(List<String> names) {
        return with(new Folders(folders.data(), names, folders.allowed(), folders.keptApart()));
    }

    public ServerConfig withAllowedFolders(List<Path> allowed) {
        return with(new Folders(folders.data(), folders.databases(), allowed, folders.keptApart()));
    }

    public ServerConfig withKeptApart(List<KeptApart> kept) {
        return with(new Folders(folders.data(), folders.databases(), folders.allowed(), kept));
    }

    public ServerConfig withAuth(Auth auth) {
        return with(new Admittance(auth, admittance.signIn(), admittance.explorer(), admittance.origins()));
    }

    public ServerConfig withSignIn(SignInOptions options) {
        return with(new Admittance(admittance.auth(), options, admittance.explorer(), admittance.origins()));
    }

    public ServerConfig withExplorer(Explorer explorer) {
        return with(new Admittance(admittance.auth(), admittance.signIn(), explorer, admittance.origins()));
    }

    public ServerConfig withOrigins(Set<WebOrigin> pages) {
        return with(new Admittance(admittance.auth(), admittance.signIn(), admittance.explorer(), pages));
    }

    public ServerConfig withLimits(ServerLimits limits) {
        return with(new Bounds(limits, bounds.engine()));
    }

    public ServerConfig withEngineLimits(Limits limits) {
        return with(new Bounds(bounds.door(), limits));
    }

    public ServerConfig withLive(Set<String> hosts) {
        return new ServerConfig(addresses, folders, admittance, bounds, hosts);
    }

    private ServerConfig with(Addresses other) {
        return new ServerConfig(other, folders, admittance, bounds, live);
    }

    private ServerConfig with(Folders other) {
        return new ServerConfig(addresses, other, admittance, bounds, live);
    }

    private ServerConfig with(Admittance other) {
        return new ServerConfig(addresses, folders, other, bounds, live);
    }

    private ServerConfig with(Bounds other) {
        return new ServerConfig(addresses, folders, admittance, other, live);
    }
}
