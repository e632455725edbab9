package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/// A certificate of this machine, which it has signed itself, and its key, as files of PEM.
record ServerCertificate(Path certificate, Path key, String pem) {
    static ServerCertificate make(Path folder) throws Exception {
        Path store = folder.resolve("server.p12");
        Process made = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "server", "-keyalg",
                "RSA", "-keysize", "2048", "-validity", "2", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost", "-storetype", "PKCS12",
                "-keystore", store.toString(), "-storepass", "changeit").redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile()).start();
        assertThat(made.waitFor(1, TimeUnit.MINUTES) && made.exitValue() == 0).as(Files.readString(folder.resolve("keytool.log"))).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        char[] password = "changeit".toCharArray();
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        String pem = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
        return new ServerCertificate(Files.writeString(folder.resolve("server.crt"), pem),
                Files.writeString(folder.resolve("server.key"), pem("PRIVATE KEY", keys.getKey("server", password).getEncoded())), pem);
    }

    private static String pem(String what, byte[] bytes) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
    }
}
