package io.conshelf.factory.activity;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
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
sealed interface ActivitySignIn {
    Set<String> TOKENS = Set.of("msi", "userassignedmanagedidentity", "serviceprincipal");

    record None() implements ActivitySignIn {}

    record Basic(String user, String password) implements ActivitySignIn {
        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    record Certificate(byte[] pfx, String password) implements ActivitySignIn {
        @Override
        public String toString() {
            return "Certificate[]";
        }
    }

    /// A token that is asked for when it is sent.
    record Token(Located authentication) implements ActivitySignIn {
        @Override
        public String toString() {
            return "Token[" + authentication.at("type").text("") + "]";
        }
    }

    /// Where the service is.
    enum Place { HERE, ELSEWHERE }

    /// Whose certificates are taken.
    enum Trust { KNOWN, ANYBODY }

    static void check(Located authentication, Consumer<Problem> problems) {
        String type = authentication.at("type").text("").toLowerCase(Locale.ROOT);
        if (!authentication.isPresent()) {
            return;
        }
        if (!Set.of("", "none", "basic", "clientcertificate").contains(type) && !TOKENS.contains(type)) {
            problems.accept(authentication.at("type").problem("the authentication types are Basic, ClientCertificate, MSI, UserAssignedManagedIdentity and "
                    + "ServicePrincipal, found '" + authentication.at("type").text("") + "'"));
        }
        List<String> all = switch (type) {
            case "basic" -> List.of("username", "password");
            case "clientcertificate" -> List.of("pfx");
            case "msi" -> List.of("resource");
            case "userassignedmanagedidentity" -> List.of("resource", "credential");
            case "serviceprincipal" -> List.of("resource", "servicePrincipalId", "password", "userTenant");
            default -> List.of();
        };
        for (String needed : all) {
            if (!authentication.at(needed).isPresent()) {
                problems.accept(authentication.at(needed).problem("the authentication needs '" + needed + "'"));
            }
        }
    }

    static ActivitySignIn of(Located authentication, ActivityContext context) throws ActivityFailure {
        return switch (authentication.at("type").text("").toLowerCase(Locale.ROOT)) {
            case "msi", "userassignedmanagedidentity", "serviceprincipal" -> new Token(authentication);
            case "basic" -> new Basic(context.stores().secretText(authentication.at("username"), context.scope()), context.stores().secretText(authentication.at("password"), context.scope()));
            case "clientcertificate" -> {
                try {
                    yield new Certificate(Base64.getMimeDecoder().decode(context.stores().secretText(authentication.at("pfx"), context.scope())), context.stores().secretText(authentication.at("password"), context.scope()));
                } catch (IllegalArgumentException notBase64) {
                    throw ActivityFailure.user("2105", "'" + authentication.at("pfx").path() + "' is to be a certificate in base64");
                }
            }
            default -> new None();
        };
    }

    /// What is sent to a host. Tokens are for services elsewhere: on this machine nobody can check them, so none is asked for.
    default Optional<String> header(Place place, ActivityContext context) throws ActivityFailure {
        return switch (this) {
            case Basic(String user, String password) ->
                    Optional.of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
            case Token(Located authentication) -> place == Place.HERE ? Optional.empty() : Optional.of("Bearer " + context.stores().token(authentication, context.scope()));
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
