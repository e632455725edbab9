package io.conshelf.engine.external;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.CalloutPolicy.Target;
import io.conshelf.engine.external.SqlConnectionString.Cover;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.NonRegisteringDriver;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/// Opens connections to SQL servers: on this machine, or where the configuration says `live`, and nowhere that the callout
/// policy forbids.
public final class SqlServers {
    private static final String NAME = "conshelf";
    private static final String VERIFIED = Cover.VERIFIED.postgresMode();
    /// A server that says nothing for so long is gone.
    private static final int SILENCE_SECONDS_MAX = 600;
    /// Of one fetch; the driver asks for as many rows as fit.
    private static final String FETCH_BYTES_MAX = "64M";
    /// What stands in an address as it is.
    private static final Pattern MYSQL_DATABASE = Pattern.compile("[\\p{L}\\p{N}_$ .-]{1,64}");

    private final Set<String> live;
    private final CalloutPolicy callouts;

    /// @param live hosts that may be reached beside this machine
    public SqlServers(Set<String> live, CalloutPolicy callouts) {
        this.live = live;
        this.callouts = callouts;
    }

    /// @throws KustoException when the server may not be reached
    public void check(SqlConnectionString target) {
        boolean isLoopback = Loopback.is(target.host());
        if (!isLoopback && !live.contains(target.host().toLowerCase(Locale.ROOT))) {
            throw new KustoException(Errors.badRequest("the SQL server '" + target.host() + "' is not on this machine, and nothing "
                    + "else is reached that is not named: list it under 'live' in the configuration"));
        }
        if (!isLoopback && !target.cover().isForOthers()) {
            throw new KustoException(Errors.badRequest("the SQL server '" + target.host() + "' is not on this machine, so its connection "
                    + "is encrypted and its certificate checked: take Encrypt, TrustServerCertificate or SSL Mode, which ask for less, "
                    + "out of the connection string"));
        }
        String type = calloutType(target.dialect());
        callouts.refusing(type, Target.ofServer(target.host(), target.port())).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + type + "' to '"
                    + target.host() + "' (CalloutUriRegex '" + pattern + "')"));
        });
        callouts.requireForCommands(type, target.host(), target.port(), Target.ofServer(target.host(), target.port()));
    }

    /// As entries of the policy name it.
    static String calloutType(SqlDialect dialect) {
        return switch (dialect) {
            case SQL_SERVER -> "sql";
            case POSTGRESQL -> "postgresql";
            case MYSQL -> "mysql";
        };
    }

    /// A connection of its own.
    ///
    /// @param token in place of user and password; empty where there is none
    public Connection connect(SqlConnectionString target, String token) {
        check(target);
        boolean isLoopback = Loopback.is(target.host());
        try {
            return switch (target.dialect()) {
                case POSTGRESQL -> postgres(target, token, isLoopback);
                case SQL_SERVER -> sqlServer(target, token, isLoopback);
                case MYSQL -> mysql(target, isLoopback);
            };
        } catch (SQLException e) {
            throw failed(target, e);
        }
    }

    private static Connection postgres(SqlConnectionString target, String token, boolean isLoopback) throws SQLException {
        var source = new PGSimpleDataSource();
        source.setServerNames(new String[] {target.host().indexOf(':') >= 0 ? "[" + target.host() + "]" : target.host()});
        source.setPortNumbers(new int[] {target.port()});
        source.setDatabaseName(target.database());
        source.setUser(target.user());
        source.setPassword(token.isEmpty() ? target.password() : token);
        String mode = isLoopback ? target.cover().postgresMode() : VERIFIED;
        source.setSslMode(mode);
        if (mode.equals(VERIFIED)) {
            // By the authorities that Java trusts; the driver's own way looks for a file in the user's home.
            source.setSslfactory(DefaultJavaSSLFactory.class.getName());
        }
        source.setApplicationName(NAME);
        source.setConnectTimeout(target.timeoutSeconds());
        source.setSocketTimeout(SILENCE_SECONDS_MAX);
        source.setAdaptiveFetch(true);
        source.setMaxResultBuffer(FETCH_BYTES_MAX);
        return source.getConnection();
    }

    /// By the driver of MariaDB, which speaks to both.
    private static Connection mysql(SqlConnectionString target, boolean isLoopback) throws SQLException {
        if (!MYSQL_DATABASE.matcher(target.database()).matches()) {
            throw new KustoException(Errors.badRequest("SQL connection string: the name of a database of MySQL has letters, digits, blanks, '_', '$', '.' and '-' alone"));
        }
        boolean isVerified = !isLoopback || target.cover() == Cover.VERIFIED;
        var settings = new Properties();
        settings.setProperty("user", target.user());
        settings.setProperty("password", target.password());
        settings.setProperty("sslMode", isVerified ? Cover.VERIFIED.mysqlMode() : target.cover().mysqlMode());
        if (isVerified) {
            settings.setProperty("tlsSocketType", JavaTrust.NAME);
        }
        settings.setProperty("connectTimeout", Integer.toString(target.timeoutSeconds() * 1_000));
        settings.setProperty("socketTimeout", Integer.toString(SILENCE_SECONDS_MAX * 1_000));
        settings.setProperty("connectionAttributes", "program_name:" + NAME);
        // A server is given no files of this machine, leads to no other, and is not asked for a key that anybody may have put there.
        settings.setProperty("allowLocalInfile", "false");
        settings.setProperty("permitRedirect", "false");
        settings.setProperty("allowPublicKeyRetrieval", Boolean.toString(isLoopback));
        settings.setProperty("fallbackToSystemKeyStore", "false");
        settings.setProperty("allowMultiQueries", "false");
        // Values keep their types, and are no part of the text.
        settings.setProperty("useServerPrepStmts", "true");
        settings.setProperty("yearIsDateType", "false");
        String host = target.host().indexOf(':') >= 0 ? "[" + target.host() + "]" : target.host();
        return NonRegisteringDriver.connect(Configuration.parse("jdbc:mariadb://" + host + ":" + target.port() + "/" + target.database(), settings));
    }

    private static Connection sqlServer(SqlConnectionString target, String token, boolean isLoopback) throws SQLException {
        var source = new SQLServerDataSource();
        source.setServerName(target.host());
        source.setPortNumber(target.port());
        source.setDatabaseName(target.database());
        if (token.isEmpty()) {
            source.setUser(target.user());
            source.setPassword(target.password());
        } else {
            source.setAccessToken(token);
        }
        source.setEncrypt(isLoopback && target.cover() == Cover.NONE ? "false" : "true");
        // A server on this machine has a certificate of its own making, unless it is said to have another.
        source.setTrustServerCertificate(isLoopback && target.cover() != Cover.VERIFIED);
        source.setApplicationName(NAME);
        source.setLoginTimeout(target.timeoutSeconds());
        source.setSocketTimeout(SILENCE_SECONDS_MAX * 1_000);
        return source.getConnection();
    }

    /// What a server's refusal means for the sender of a request. Drivers say no passwords.
    static KustoException failed(SqlConnectionString target, SQLException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new KustoException(Errors.badRequest("SQL server '" + target.host() + ":" + target.port() + "', database '"
                + target.database() + "': " + message), e);
    }
}
