package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttBroker.Certificate;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/// Makes of PEM texts what a TLS connection needs.
final class TlsFactories {
    private TlsFactories() {}

    static SslContext of(MqttBroker.Tls.On tls) throws StoreException {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (!tls.trusted().isEmpty()) {
                builder.trustManager(trust(tls.trusted()));
            }
            if (tls.identity().given().isPresent()) {
                builder.keyManager(identity(tls.identity()));
            }
            return builder.build();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            // the message of a key that cannot be read may quote it
            throw StoreException.user("MqttCertificateInvalid", "A certificate or key of the MQTT connection cannot be read as PEM");
        }
    }

    /// The broker has to be who its address says.
    static SslHandler handler(SslContext context, Channel channel, MqttBroker broker) {
        SslHandler handler = context.newHandler(channel.alloc(), broker.host(), broker.port());
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        handler.engine().setSSLParameters(parameters);
        return handler;
    }

    private static TrustManagerFactory trust(String pem) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int number = 0;
        for (java.security.cert.Certificate certificate : certificates(pem)) {
            store.setCertificateEntry("ca" + number++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static KeyManagerFactory identity(Certificate identity) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        java.security.cert.Certificate[] chain = certificates(identity.chain()).toArray(java.security.cert.Certificate[]::new);
        if (chain.length == 0) {
            throw new IllegalArgumentException("no certificate");
        }
        store.setKeyEntry("client", key(identity.key(), chain[0].getPublicKey().getAlgorithm()), new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static java.util.Collection<? extends java.security.cert.Certificate> certificates(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
    }

    private static PrivateKey key(String pem, String algorithm) throws GeneralSecurityException {
        String base64 = pem.lines().filter(line -> !line.startsWith("-----")).reduce("", String::concat);
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
    }
}
