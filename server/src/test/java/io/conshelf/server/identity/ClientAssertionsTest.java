package io.conshelf.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// For whom, where and for how long an assertion is good that an application has signed.
class ClientAssertionsTest {
    private static final String ID = "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e";
    private static final String PATH = "/t/oauth2/v2.0/token";

    @TempDir
    private static Path folder;
    private static PrivateKey key;
    private static Certificate certificate;
    private static Instant start;

    private Instant now = start;
    private final ClientAssertions assertions = new ClientAssertions(Set.of("localhost", "lab.example", "[::1]", "adx_lab")::contains, () -> now);

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path store = folder.resolve("own.p12");
        Process made = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "a", "-keyalg", "RSA",
                "-keysize", "2048", "-dname", "CN=own", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit").redirectErrorStream(true).start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        key = (PrivateKey) keys.getKey("a", "changeit".toCharArray());
        certificate = keys.getCertificate("a");
        start = Instant.now();
    }

    private static Application application(String objectId) throws Exception {
        return new Application(ID, objectId, "t", "own", Application.Kind.APPLICATION, SecretHash.NONE,
                List.of(Base64.getEncoder().encodeToString(certificate.getEncoded())));
    }

    private String signed(String id, String audience) throws Exception {
        var claims = new JWTClaimsSet.Builder().issuer(ID).subject(ID).audience(audience).jwtID(id)
                .notBeforeTime(Date.from(now)).expirationTime(Date.from(now.plus(Duration.ofHours(1)))).build();
        var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.PS256)
                .x509CertSHA256Thumbprint(Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()))).build(), claims);
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    private Optional<String> problem(String assertion, String from) throws Exception {
        return assertions.problem(application("1"), assertion, PATH, from);
    }

    @Test
    void itIsForThisServerUnderANameThatItHas() throws Exception {
        for (String good : List.of("http://localhost:8080", "https://LOCALHOST:1", "https://lab.example", "https://[::1]:8443", "https://adx_lab", "http://adx_lab:8080")) {
            assertThat(problem(signed(good, good.toLowerCase() + PATH), "10.0.0.1")).as(good).isEmpty();
        }
        for (String other : List.of("https://login.microsoftonline.com", "https://lab.example.evil.example", "https://lab.example@evil.example", "https://adx_lab@evil_lab", "https://evil_lab:80", "", "urn:lab.example:")) {
            assertThat(problem(signed(other, other + PATH), "10.0.0.1").orElse("")).as(other).contains("audience (aud)");
        }
        assertThat(problem(signed("path", "https://lab.example/other/oauth2/v2.0/token"), "10.0.0.1").orElse("")).contains("audience (aud)");
    }

    @Test
    void whoHasSignedItMayShowItAgainForAWhileAndNobodyElseMay() throws Exception {
        String assertion = signed("once", "https://lab.example" + PATH);
        assertThat(problem(assertion, "10.0.0.1")).isEmpty();
        assertThat(problem(assertion, "10.0.0.2").orElse("")).contains("used before");
        now = start.plus(Duration.ofMinutes(10));
        assertThat(problem(assertion, "10.0.0.1")).isEmpty();
        now = start.plus(Duration.ofMinutes(11));
        assertThat(problem(assertion, "10.0.0.1").orElse("")).contains("used before");
        assertThat(problem(signed("another", "https://lab.example" + PATH), "10.0.0.1")).isEmpty();
        assertThat(assertions.problem(application("2"), signed("once", "https://lab.example" + PATH), PATH, "10.0.0.9")).as("of another application").isEmpty();
        now = start.plus(Duration.ofHours(2));
        assertThat(problem(assertion, "10.0.0.1").orElse("")).contains("expired");
    }

    @Test
    void oneWithoutAnIdIsKnownByWhatWasSigned() throws Exception {
        String assertion = signed(null, "https://lab.example" + PATH);
        assertThat(problem(assertion, "10.0.0.1")).isEmpty();
        assertThat(problem(assertion, "10.0.0.2").orElse("")).contains("used before");
        now = start.plusSeconds(2);
        assertThat(problem(signed(null, "https://lab.example" + PATH), "10.0.0.2")).isEmpty();
    }
}
