package io.conshelf.server.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// What a server proves with who it is.
///
/// @param chain the server's own certificate first
public record ServerCertificate(PrivateKey key, List<X509Certificate> chain) {
    // Of a store that never leaves memory.
    private static final char[] PASSWORD = "conshelf".toCharArray();

    public ServerCertificate {
        chain = List.copyOf(chain);
    }

    public X509Certificate own() {
        return chain.getFirst();
    }

    public SSLContext context() {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, PASSWORD);
            keys.setKeyEntry("server", key, PASSWORD, chain.toArray(Certificate[]::new));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalArgumentException("The server's certificate cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "ServerCertificate[" + own().getSubjectX500Principal() + "]";
    }
}
