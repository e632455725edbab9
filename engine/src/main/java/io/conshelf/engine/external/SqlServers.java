package io.conshelf.engine.external;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.CalloutPolicy.Target;
import io.conshelf.engine.external.SqlConnectionString.Cover;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
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
        String type = switch (target.dialect()) {
            case SQL_SERVER -> "sql";
            case POSTGRESQL -> "postgresql";
        };
        callouts.refusing(type, Target.ofServer(target.host(), target.port())).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + type + "' to '"
                    + target.host() + "' (CalloutUriRegex '" + pattern + "')"));
        });
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
