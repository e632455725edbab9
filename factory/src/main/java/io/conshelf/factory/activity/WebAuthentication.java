package io.conshelf.factory.activity;

import io.conshelf.factory.definition.Located;
import io.conshelf.factory.definition.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// How a web activity says who it is. Secrets do not show in text.
sealed interface WebAuthentication {
    Set<String> TOKENS = Set.of("msi", "userassignedmanagedidentity", "serviceprincipal");

    record None() implements WebAuthentication {}

    record Basic(String user, String password) implements WebAuthentication {
        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    record Certificate(byte[] pfx, String password) implements WebAuthentication {
        @Override
        public String toString() {
            return "Certificate[]";
        }
    }

    /// Whose certificates are taken.
    enum Trust { KNOWN, ANYBODY }

    static void check(Located authentication, Consumer<Problem> problems) {
        String type = authentication.at("type").text("").toLowerCase(Locale.ROOT);
        if (!authentication.isPresent()) {
            return;
        }
        if (TOKENS.contains(type)) {
            problems.accept(authentication.at("type").problem("'" + authentication.at("type").text("")
                    + "' is not supported yet: there are Basic and ClientCertificate; a token can be sent as a header"));
        } else if (!Set.of("", "none", "basic", "clientcertificate").contains(type)) {
            problems.accept(authentication.at("type").problem("the authentication types are Basic, ClientCertificate, MSI, UserAssignedManagedIdentity and "
                    + "ServicePrincipal, found '" + authentication.at("type").text("") + "'"));
        }
        for (String needed : type.equals("basic") ? Set.of("username", "password") : type.equals("clientcertificate") ? Set.of("pfx") : Set.<String>of()) {
            if (!authentication.at(needed).isPresent()) {
                problems.accept(authentication.at(needed).problem("the authentication needs '" + needed + "'"));
            }
        }
    }

    static WebAuthentication of(Located authentication) throws ActivityFailure {
        return switch (authentication.at("type").text("").toLowerCase(Locale.ROOT)) {
            case "basic" -> new Basic(secret(authentication.at("username")), secret(authentication.at("password")));
            case "clientcertificate" -> {
                try {
                    yield new Certificate(Base64.getMimeDecoder().decode(secret(authentication.at("pfx"))), secret(authentication.at("password")));
                } catch (IllegalArgumentException notBase64) {
                    throw ActivityFailure.user("2105", "'" + authentication.at("pfx").path() + "' is to be a certificate in base64");
                }
            }
            default -> new None();
        };
    }

    private static String secret(Located value) {
        return value.text().or(() -> value.at("value").text()).orElse("");
    }

    default Optional<String> header() {
        return switch (this) {
            case Basic(String user, String password) ->
                    Optional.of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
            case None _, Certificate _ -> Optional.empty();
        };
    }

    /// How connections are secured; empty where nothing is out of the ordinary.
    default Optional<SSLContext> tls(Trust trust) throws ActivityFailure {
        if (trust == Trust.KNOWN && !(this instanceof Certificate)) {
            return Optional.empty();
        }
        try {
            KeyManager[] keys = null;
            if (this instanceof Certificate(byte[] pfx, String password)) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(new ByteArrayInputStream(pfx), password.toCharArray());
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, password.toCharArray());
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust == Trust.ANYBODY ? new TrustManager[] {new TrustingAnybody()} : null, null);
            return Optional.of(context);
        } catch (GeneralSecurityException | IOException unusable) {
            throw ActivityFailure.user("2113", "The certificate of 'authentication' cannot be used: " + unusable.getMessage());
        }
    }

    /// What `disableCertValidation` asks for.
    final class TrustingAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
