package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.tls.LocalAuthority;
import io.conshelf.server.tls.Tls;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The sign-in libraries themselves against the built-in token service, by https.
class SignInClientsTest {
    private static final Set<String> SCOPE = Set.of("https://kusto.kusto.windows.net/.default");
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    private static Path folder;
    private static Server server;
    private static LocalAuthority authority;
    private static Map<String, String> administrator;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        authority = LocalAuthority.in(folder.resolve("tls"));
        server = Server.start(ServerConfig.local().withData(folder.resolve("data")).withAuth(ServerConfig.Auth.ENTRA)
                .withTls(new Tls(0, new Tls.Local(folder.resolve("tls")))));
        url = "https://localhost:" + server.secureUri().orElseThrow().getPort();
        administrator = Files.readAllLines(folder.resolve("data/administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1)));
        ask("POST", "/v1/rest/users", "{\"name\":\"anna@contoso.com\",\"password\":\"" + PASSWORD + "\"}");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String ask(String method, String path, String body) throws Exception {
        String http = "http://127.0.0.1:" + server.port();
        return ClusterRest.of(Endpoints.replacedBy(URI.create(http)).resolve(http), KustoCredential.of(administrator)).ask(method, path, body).toString();
    }

    private static SSLContext trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance(authority.trustStore().toFile(), LocalAuthority.trustStorePassword().toCharArray());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static ConfidentialClientApplication msal(String tenant, String id, IClientCredential credential) throws Exception {
        return ConfidentialClientApplication.builder(id, credential).authority(url + "/" + tenant + "/").instanceDiscovery(false)
                .sslSocketFactory(trusting().getSocketFactory()).build();
    }

    @Test
    void msal4jSignsInWithASecret() throws Exception {
        for (String tenant : List.of(administrator.get("AZURE_TENANT_ID"), "adfs")) {
            var answer = msal(tenant, administrator.get("AZURE_CLIENT_ID"), ClientCredentialFactory.createFromSecret(administrator.get("AZURE_CLIENT_SECRET")))
                    .acquireToken(ClientCredentialParameters.builder(SCOPE).build()).get();
            var connection = ConnectionStringBuilder.createWithAadTokenProviderAuthentication("http://127.0.0.1:" + server.port(), answer::accessToken);
            var rows = ClientFactory.createClient(connection).executeQuery("NetDefaultDB", "print x = current_principal()").getPrimaryResults();
            rows.next();
            assertThat(rows.getString("x")).as(tenant).contains(administrator.get("AZURE_CLIENT_ID"));
        }
    }

    private record Certified(String id, PrivateKey key, X509Certificate certificate) {}

    /// An application with a certificate.
    private static Certified certified(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process made = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "a", "-keyalg", "RSA",
                "-keysize", "2048", "-dname", "CN=app", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit").redirectErrorStream(true).start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        var certificate = (X509Certificate) keys.getCertificate("a");
        String id = UUID.randomUUID().toString();
        ask("POST", "/v1/rest/applications", "{\"name\":\"" + name + "\",\"appId\":\"" + id + "\",\"certificate\":\""
                + Base64.getEncoder().encodeToString(certificate.getEncoded()) + "\"}");
        return new Certified(id, (PrivateKey) keys.getKey("a", "changeit".toCharArray()), certificate);
    }

    @Test
    void msal4jSignsInWithACertificate() throws Exception {
        Certified own = certified("java");
        var credential = ClientCredentialFactory.createFromCertificate(own.key(), own.certificate());
        var answer = msal(administrator.get("AZURE_TENANT_ID"), own.id(), credential).acquireToken(ClientCredentialParameters.builder(SCOPE).build()).get();
        assertThat(answer.accessToken()).isNotEmpty();
    }

    @Test
    void msalForPythonSignsOnceForTwoTokens() throws Exception {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        Certified own = certified("python");
        Path key = Files.writeString(folder.resolve("python.pem"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(own.key().getEncoded()) + "\n-----END PRIVATE KEY-----\n");
        String thumbprint = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(own.certificate().getEncoded()));
        var finished = Surroundings.run(folder, Map.of("REQUESTS_CA_BUNDLE", authority.bundle().toString()), List.of(
                python.toString(), Surroundings.root().resolve("it/python/certificate.py").toString(), url, administrator.get("AZURE_TENANT_ID"), own.id(),
                key.toString(), thumbprint));
        assertThat(finished.output()).contains("two tokens");
        assertThat(finished.exitCode()).as(finished.output()).isZero();
    }

    @Test
    void thePythonLibrariesSignInApplicationsAndPeople() {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        String bundle = authority.bundle().toString();
        var finished = Surroundings.run(folder, Map.of("REQUESTS_CA_BUNDLE", bundle, "SSL_CERT_FILE", bundle), List.of(
                python.toString(), Surroundings.root().resolve("it/python/sign_in.py").toString(), url, administrator.get("AZURE_TENANT_ID"),
                administrator.get("AZURE_CLIENT_ID"), administrator.get("AZURE_CLIENT_SECRET"), bundle, "anna@contoso.com", PASSWORD));
        assertThat(finished.output()).contains("msal", "azure-identity", "kusto", "device code", "page");
        assertThat(finished.exitCode()).as(finished.output()).isZero();
    }
}
