package io.conshelf.server.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// A certificate authority of this machine's own, as files in a folder: clients that trust it accept this server's certificate.
///
/// The key stays readable by its owner only. Whoever has it can pass for any site to those who trust the authority.
public final class LocalAuthority {
    private static final String AUTHORITY = "authority";
    private static final String SERVER = "server";
    private static final String INGESTION_PREFIX = "ingest-";
    private static final Set<String> ALWAYS = Set.of("localhost", "127.0.0.1", "::1");
    private static final Duration RENEWED_BEFORE = Duration.ofDays(30);
    private static final int AUTHORITY_DAYS = 3650;
    // What browsers still accept.
    private static final int SERVER_DAYS = 397;
    // The stores' own mode protects them; the format asks for a password all the same, and this one is what Java's tools take for granted.
    private static final String PASSWORD = "changeit";
    private static final String PASSWORD_VARIABLE = "CONSHELF_STORE_PASSWORD";

    private static final Path ROOTS = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");

    private final Path folder;

    private LocalAuthority(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    public static LocalAuthority in(Path folder) {
        return new LocalAuthority(folder);
    }

    /// Where a user's own is: it outlives clusters, so that trusting it once is enough.
    public static Path folderOfUser(Map<String, String> environment, String home) {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        return (state.isBlank() ? Path.of(home, ".local", "state") : Path.of(state)).resolve("conshelf").resolve("tls");
    }

    public boolean exists() {
        return Files.exists(store(AUTHORITY)) && Files.exists(certificate());
    }

    /// Its certificate as PEM, for what adds to the authorities that it trusts.
    public Path certificate() {
        return folder.resolve("authority.pem");
    }

    /// All that this Java trusts and the authority, as PEM, for what replaces the authorities that it trusts.
    public Path bundle() {
        return folder.resolve("trust.pem");
    }

    /// The same as a store for Java.
    public Path trustStore() {
        return folder.resolve("trust.p12");
    }

    public static String trustStorePassword() {
        return PASSWORD;
    }

    public Instant validUntil() {
        try {
            return entry(AUTHORITY, AUTHORITY).own().getNotAfter().toInstant();
        } catch (GeneralSecurityException | IOException e) {
            throw broken(e);
        }
    }

    /// Makes it where it is missing.
    public void make() {
        locked(() -> {
            prepare();
            return folder;
        });
    }

    /// A certificate for these names and those of loopback: the one of before where it still serves, else a new one.
    ///
    /// @param names    of the cluster, which is reached with `ingest-` before them too
    /// @param accounts of the storage
    public ServerCertificate certificate(Collection<String> names, Collection<String> accounts) {
        Set<String> wanted = new TreeSet<>(accounts);
        Stream.concat(ALWAYS.stream(), names.stream()).map(LocalAuthority::plain).forEach(name -> {
            wanted.add(name);
            if (!isAddress(name)) {
                // What clients put before the name to reach data management.
                wanted.add(INGESTION_PREFIX + name);
            }
        });
        return locked(() -> {
            prepare();
            if (Files.exists(store(SERVER))) {
                ServerCertificate kept = entry(SERVER, SERVER);
                if (serves(kept.own(), wanted)) {
                    return kept;
                }
            }
            issue(wanted);
            return entry(SERVER, SERVER);
        });
    }

    private void prepare() throws IOException, GeneralSecurityException {
        if (!Files.exists(store(AUTHORITY)) || isEnding(entry(AUTHORITY, AUTHORITY).own())) {
            Files.deleteIfExists(store(SERVER));
            inScratch(made -> {
                keytool("-genkeypair", "-alias", AUTHORITY, "-dname", "CN=Conshelf authority of " + here() + ", O=Conshelf", "-validity", String.valueOf(AUTHORITY_DAYS),
                        "-ext", "bc:critical=ca:true,pathlen:0", "-ext", "ku:critical=keyCertSign,cRLSign", "-keystore", made.toString());
                keep(made, store(AUTHORITY));
            });
        }
        X509Certificate own = entry(AUTHORITY, AUTHORITY).own();
        replace(certificate(), PemFiles.certificate(own));
        if (!isNewest(bundle())) {
            trust(own);
        }
    }

    /// Whether a file was made after what it is made of.
    private boolean isNewest(Path file) throws IOException {
        return Files.exists(file) && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(store(AUTHORITY))) > 0
                && (!Files.exists(ROOTS) || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(ROOTS)) > 0);
    }

    private void issue(Set<String> names) throws IOException, GeneralSecurityException {
        List<String> alternatives = names.stream().map(name -> (isAddress(name) ? "ip:" : "dns:") + name).toList();
        inScratch(made -> {
            Files.copy(store(AUTHORITY), made);
            keytool("-genkeypair", "-alias", SERVER, "-signer", AUTHORITY, "-dname", "CN=localhost, O=Conshelf", "-validity", String.valueOf(SERVER_DAYS),
                    "-ext", "san=" + String.join(",", alternatives), "-ext", "ku:critical=digitalSignature", "-ext", "eku=serverAuth", "-keystore", made.toString());
            KeyStore both = load(made);
            both.deleteEntry(AUTHORITY);
            try (var out = Files.newOutputStream(made, StandardOpenOption.TRUNCATE_EXISTING)) {
                both.store(out, PASSWORD.toCharArray());
            }
            keep(made, store(SERVER));
        });
    }

    private static boolean isEnding(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().isBefore(Instant.now().plus(RENEWED_BEFORE));
    }

    private static boolean serves(X509Certificate certificate, Set<String> names) throws CertificateParsingException {
        return !isEnding(certificate) && names(certificate).containsAll(names);
    }

    private static Set<String> names(X509Certificate certificate) throws CertificateParsingException {
        var names = new TreeSet<String>();
        Optional.ofNullable(certificate.getSubjectAlternativeNames()).ifPresent(all -> all.forEach(one -> names.add(plain(one.get(1).toString()))));
        return names;
    }

    /// Names that the server's certificate is for and that nobody may know to be this machine's, which is why a file of hosts is to have them. Empty before
    /// the first start.
    public Set<String> namesToBeFound() {
        if (!Files.exists(store(SERVER))) {
            return Set.of();
        }
        try {
            Set<String> names = names(entry(SERVER, SERVER).own());
            String machine = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            names.removeIf(name -> isAddress(name) || name.equals("localhost") || name.equals(machine));
            return names;
        } catch (GeneralSecurityException | IOException e) {
            throw broken(e);
        }
    }

    /// Without brackets, and an address in one form: `::1` has several.
    private static String plain(String name) {
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        if (isAddress(bare)) {
            try {
                String address = InetAddress.getByName(bare).getHostAddress();
                return address.contains("%") ? address.substring(0, address.indexOf('%')) : address;
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("'" + name + "' is no address", e);
            }
        }
        return bare.toLowerCase(Locale.ROOT);
    }

    private static boolean isAddress(String name) {
        return name.contains(":") || name.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    private static String here() {
        // The name is put into a distinguished name, whose separators it must not have.
        String user = String.valueOf(System.getProperty("user.name")).replaceAll("[^A-Za-z0-9_.-]", "");
        try {
            return user + " at " + InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9_.-]", "");
        } catch (UnknownHostException _) {
            return user;
        }
    }

    private void trust(X509Certificate own) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD.toCharArray());
        StringBuilder text = new StringBuilder();
        List<X509Certificate> all = new ArrayList<>(List.of(own));
        all.addAll(rootsOfJava());
        for (int i = 0; i < all.size(); i++) {
            trusted.setCertificateEntry(i == 0 ? AUTHORITY : "root-" + i, all.get(i));
            text.append(PemFiles.certificate(all.get(i)));
        }
        inScratch(made -> {
            try (var out = Files.newOutputStream(made)) {
                trusted.store(out, PASSWORD.toCharArray());
            }
            Files.move(made, trustStore(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
        replace(bundle(), text.toString());
    }

    private static Collection<X509Certificate> rootsOfJava() throws GeneralSecurityException, IOException {
        if (!Files.exists(ROOTS)) {
            return List.of();
        }
        KeyStore store = KeyStore.getInstance(ROOTS.toFile(), PASSWORD.toCharArray());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return Arrays.stream(managers.getTrustManagers()).filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers())).toList();
    }

    private Path store(String alias) {
        return folder.resolve(alias + ".p12");
    }

    private ServerCertificate entry(String store, String alias) throws GeneralSecurityException, IOException {
        KeyStore keys = load(store(store));
        if (keys.getKey(alias, PASSWORD.toCharArray()) instanceof PrivateKey key) {
            Certificate[] chain = keys.getCertificateChain(alias);
            return new ServerCertificate(key, Arrays.stream(chain).map(X509Certificate.class::cast).toList());
        }
        throw new IOException(store(store) + " has no key named '" + alias + "'");
    }

    private static KeyStore load(Path file) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static void keytool(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA", "-startdate", "-1d", "-storetype", "PKCS12",
                "-storepass:env", PASSWORD_VARIABLE));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(PASSWORD_VARIABLE, PASSWORD);
        // It would announce itself in what is read here.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool of " + System.getProperty("java.home") + " made no certificate: " + said.strip());
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("Making a certificate was interrupted", e);
        }
    }

    private interface Making {
        void at(Path file) throws IOException, GeneralSecurityException;
    }

    /// A file that does not exist yet, in a folder that nobody else can look into.
    private void inScratch(Making making) throws IOException, GeneralSecurityException {
        Path scratch = Files.createTempDirectory(folder, "making-");
        Path file = scratch.resolve("made");
        try {
            making.at(file);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(scratch);
        }
    }

    private static void keep(Path made, Path where) throws IOException {
        if (made.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
        }
        Files.move(made, where, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void replace(Path file, String text) throws IOException, GeneralSecurityException {
        inScratch(made -> {
            Files.writeString(made, text);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        });
    }

    private interface Work<T> {
        T done() throws IOException, GeneralSecurityException;
    }

    /// Beside other processes, whose servers may begin at the same time.
    private <T> T locked(Work<T> work) {
        try {
            Files.createDirectories(folder);
            // Threads of one process get no lock of a file between them.
            synchronized (LocalAuthority.class) {
                try (var channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        var lock = channel.lock()) {
                    if (!lock.isValid()) {
                        throw new IOException("the lock was lost");
                    }
                    return work.done();
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw broken(e);
        }
    }

    private UncheckedIOException broken(Exception e) {
        return new UncheckedIOException("The local certificate authority in " + folder + " cannot be used: " + e.getMessage()
                + ". Deleting the folder has another one made, which clients then have to trust anew", e instanceof IOException io ? io : new IOException(e));
    }

    @Override
    public String toString() {
        return "LocalAuthority[" + folder + "]";
    }
}
