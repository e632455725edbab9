package io.conshelf.engine.external;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.SQLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.HostAddress;
import org.mariadb.jdbc.export.ExceptionFactory;
import org.mariadb.jdbc.plugin.tls.main.DefaultTlsSocketPlugin;

/// Trusts the authorities that Java trusts, for MariaDB's driver, which finds it by its name. The driver's own way takes a certificate that
/// nobody vouches for while the password is sent, and asks afterwards whether the server knew it.
public final class JavaTrust extends DefaultTlsSocketPlugin {
    static final String NAME = "conshelf-java-trust";

    @Override
    public String type() {
        return NAME;
    }

    @Override
    public TrustManager[] getTrustManager(Configuration settings, ExceptionFactory exceptions, HostAddress host) throws SQLException {
        try {
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw new SQLException("the authorities that Java trusts cannot be read: " + e.getMessage(), e);
        }
    }
}
