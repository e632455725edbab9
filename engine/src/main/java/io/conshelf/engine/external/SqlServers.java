package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.SystemStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.postgresql.ds.PGSimpleDataSource;

/// Opens connections to SQL servers: on this machine, or where the configuration says `live`, and nowhere that the callout
/// policy forbids.
public final class SqlServers {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern LOOPBACK = Pattern.compile("(?i)localhost|127(?:\\.\\d{1,3}){3}|::1|0:0:0:0:0:0:0:1");
    private static final String NAME = "conshelf";
    /// A server that says nothing for so long is gone.
    private static final int SILENCE_SECONDS_MAX = 600;
    /// Of one fetch; the driver asks for as many rows as fit.
    private static final String FETCH_BYTES_MAX = "64M";

    private final Set<String> live;
    private final SystemStore system;

    /// @param live hosts that may be reached beside this machine
    public SqlServers(Set<String> live, SystemStore system) {
        this.live = live;
        this.system = system;
    }

    /// @throws KustoException when the server may not be reached
    public void check(SqlConnectionString target) {
        boolean isLoopback = LOOPBACK.matcher(target.host()).matches();
        if (!isLoopback && !live.contains(target.host().toLowerCase(Locale.ROOT))) {
            throw new KustoException(Errors.badRequest("the SQL server '" + target.host() + "' is not on this machine, and nothing "
                    + "else is reached that is not named: list it under 'live' in the configuration"));
        }
        String type = switch (target.dialect()) {
            case SQL_SERVER -> "sql";
            case POSTGRESQL -> "postgresql";
        };
        refusing(type, target.host() + ":" + target.port()).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + type + "' to '"
                    + target.host() + "' (CalloutUriRegex '" + pattern + "')"));
        });
    }

    /// The pattern of the callout policy that says no.
    private Optional<String> refusing(String type, String uri) {
        var policy = system.get("cluster-policies", PolicyKind.CALLOUT.kustoName());
        if (policy.isEmpty()) {
            return Optional.empty();
        }
        try {
            for (var entry : JSON.readTree(policy.get())) {
                String pattern = entry.path("CalloutUriRegex").asText();
                if (!entry.path("CanCall").asBoolean() && entry.path("CalloutType").asText().equalsIgnoreCase(type)
                        && Pattern.compile(pattern).matcher(uri).find()) {
                    return Optional.of(pattern);
                }
            }
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored callout policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// A connection of its own.
    ///
    /// @param token in place of user and password; empty where there is none
    public Connection connect(SqlConnectionString target, String token) {
        check(target);
        boolean isLoopback = LOOPBACK.matcher(target.host()).matches();
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
        // What stays on the machine needs no cover.
        source.setSslMode(isLoopback ? "prefer" : "require");
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
        source.setEncrypt("true");
        // A server on this machine has a certificate of its own making.
        source.setTrustServerCertificate(isLoopback);
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
