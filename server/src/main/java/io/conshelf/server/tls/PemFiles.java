package io.conshelf.server.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Certificates and keys as text: the form in which authorities hand them out.
final class PemFiles {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final byte[] PROOF = "conshelf".getBytes(StandardCharsets.US_ASCII);

    private PemFiles() {}

    static ServerCertificate read(Path certificate, Path key) {
        List<X509Certificate> chain = certificates(certificate);
        X509Certificate own = chain.getFirst();
        try {
            own.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new IllegalArgumentException("The certificate in " + certificate + " has expired: it was good until " + own.getNotAfter().toInstant(), e);
        } catch (CertificateNotYetValidException e) {
            throw new IllegalArgumentException("The certificate in " + certificate + " is good only from " + own.getNotBefore().toInstant(), e);
        }
        PrivateKey secret = key(key, own.getPublicKey());
        if (!belong(secret, own.getPublicKey())) {
            throw new IllegalArgumentException("The key in " + key + " is not that of the first certificate in " + certificate);
        }
        return new ServerCertificate(secret, chain);
    }

    private static List<X509Certificate> certificates(Path file) {
        try (var in = Files.newInputStream(file)) {
            List<X509Certificate> all = CertificateFactory.getInstance("X.509").generateCertificates(in).stream().map(X509Certificate.class::cast).toList();
            if (all.isEmpty()) {
                throw new IllegalArgumentException(file + " has no certificate: a file of PEM begins with '-----BEGIN CERTIFICATE-----'");
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(file + " is no file of certificates in PEM: " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static PrivateKey key(Path file, PublicKey of) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        Matcher blocks = BLOCK.matcher(text);
        String found = "";
        while (blocks.find()) {
            if (blocks.group(1).equals(PRIVATE_KEY)) {
                return key(file, of, blocks.group(2));
            }
            found = blocks.group(1);
        }
        throw new IllegalArgumentException(found.endsWith(PRIVATE_KEY)
                ? "The key in " + file + " is an '" + found + "'; it is read as '" + PRIVATE_KEY + "' (PKCS #8 without a password), which this makes of it:"
                        + " openssl pkcs8 -topk8 -nodes -in " + file + " -out server.key"
                : file + " has no private key: a file of PEM has '-----BEGIN PRIVATE KEY-----'" + (found.isEmpty() ? "" : ", found '" + found + "'"));
    }

    private static PrivateKey key(Path file, PublicKey of, String base64) {
        try {
            return KeyFactory.getInstance(of.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            // What went wrong could quote the key.
            throw new IllegalArgumentException("The key in " + file + " cannot be read as one for the algorithm of the certificate, " + of.getAlgorithm());
        }
    }

    private static boolean belong(PrivateKey secret, PublicKey known) {
        try {
            Signature signature = Signature.getInstance(switch (known.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> known.getAlgorithm();
            });
            signature.initSign(secret);
            signature.update(PROOF);
            byte[] signed = signature.sign();
            signature.initVerify(known);
            signature.update(PROOF);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static IllegalArgumentException unreadable(Path file, IOException e) {
        return new IllegalArgumentException(
                "Cannot read " + file + ": " + (e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()), e);
    }

    static String certificate(X509Certificate certificate) throws GeneralSecurityException {
        return "-----BEGIN " + CERTIFICATE + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded()) + "\n-----END " + CERTIFICATE + "-----\n";
    }
}
