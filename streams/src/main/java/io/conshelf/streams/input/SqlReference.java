package io.conshelf.streams.input;

import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.connectors.sql.SqlLogin;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Ticks;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reference data that a query gives, asked again as often as the definition says.
///
/// @param properties how the database is reached, by the names of its linked services
record SqlReference(String input, SqlDialect dialect, Map<String, String> properties, SignIn signIn, Queries queries, Compatibility level,
        Surroundings surroundings) implements ReferenceInput {
    /// Who the database is told to be asked by.
    sealed interface SignIn extends Serializable {
        /// As the properties say.
        record Password() implements SignIn {}

        /// The job's identity.
        record Identity(String user) implements SignIn {}
    }

    /// What is asked, and how often.
    ///
    /// @param all     gives all rows
    /// @param changes gives the rows that came and went between two times; empty where all are asked for each time
    /// @param refresh zero: once
    record Queries(String all, String changes, Duration refresh) implements Serializable {}

    /// The names that the service gives times by.
    static final String SNAPSHOT_TIME = "@snapshotTime";
    static final String CHANGES_FROM = "@deltaStartTime";
    static final String CHANGES_TO = "@deltaEndTime";

    /// What stands in a text, a name or a comment is no parameter.
    private static final String APART = "'[^']*'|\"[^\"]*\"|--[^\\n]*|/\\*(?s:.*?)\\*/|";
    private static final Pattern PARAMETER = Pattern.compile(APART + "(?<name>(?:" + SNAPSHOT_TIME + "|" + CHANGES_FROM + "|" + CHANGES_TO + ")\\b)",
            Pattern.CASE_INSENSITIVE);
    /// Where brackets are around names; elsewhere they are around the elements of an array.
    private static final Pattern BESIDE_BRACKETS = Pattern.compile("\\[[^]]*]|" + PARAMETER.pattern(), Pattern.CASE_INSENSITIVE);

    @Override
    public Snapshots open(long bytesMax) {
        return new SqlSnapshots(this, new SqlServers(surroundings.endpoints()::allows), bytesMax);
    }

    @Override
    public Earlier earlier() {
        return queries.refresh().isPositive() ? Earlier.GONE : Earlier.NONE;
    }

    SqlTarget target() throws StoreException {
        return SqlTarget.read(dialect, "", properties, switch (signIn) {
            case SignIn.Password() -> Optional.empty();
            case SignIn.Identity(String user) -> Optional.of(new SqlLogin.Token(user, new AzureIdentity.ManagedIdentity(surroundings.clientId())));
        });
    }

    /// The query as it is asked with these times, so that a temporal table is read as it was then. A name that has no time stays as it is.
    static String at(String query, SqlDialect dialect, Map<String, Instant> given) {
        Map<String, Instant> times = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        times.putAll(given);
        return switch (dialect) {
            case POSTGRESQL -> PARAMETER.matcher(query).replaceAll(found -> Matcher.quoteReplacement(found.group("name") == null || !times.containsKey(found.group("name"))
                    ? found.group() : "TIMESTAMPTZ '" + Ticks.text(Ticks.of(times.get(found.group("name")))) + "'"));
            case SQL_SERVER -> {
                StringBuilder declared = new StringBuilder();
                String named = query;
                for (String name : given.keySet().stream().sorted().toList()) {
                    // a database may tell names apart by their case
                    named = BESIDE_BRACKETS.matcher(named).replaceAll(found -> Matcher.quoteReplacement(name.equalsIgnoreCase(found.group("name")) ? name : found.group()));
                    if (BESIDE_BRACKETS.matcher(named).results().anyMatch(found -> name.equals(found.group("name")))) {
                        // a text of seven digits is no datetime
                        declared.append("DECLARE %s datetime2(7) = '%s';\n".formatted(name, Ticks.text(Ticks.of(times.get(name))).replace("Z", "")));
                    }
                }
                yield declared + named;
            }
        };
    }

    @Override
    public String toString() {
        return "SqlReference[" + input + "]";
    }
}
