package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Optional;
import org.postgresql.util.PSQLException;

/// What a server's refusal means to the author of a definition, under the codes of the service.
final class SqlFailure {
    private static final String CANCELLED = "57014";

    private SqlFailure() {}

    static StoreException badConnection(String problem) {
        return StoreException.user("SqlServerInvalidLinkedService", "The connection of a SQL store: " + problem);
    }

    static StoreException connecting(SqlTarget target, Throwable failure) {
        SQLException reason = sql(failure).orElse(new SQLException(failure.getMessage()));
        String state = Optional.ofNullable(reason.getSQLState()).orElse("");
        // 28: wrong user or password; 18456: SQL Server's number for it.
        boolean isRefused = state.startsWith("28") || reason.getErrorCode() == 18_456;
        String code = isRefused ? "SqlUnauthorizedAccess" : "SqlFailedToConnect";
        return new StoreException(code, isRefused || state.startsWith("3D") ? StoreException.Fault.USER : StoreException.Fault.SYSTEM,
                "Cannot connect to " + target + ": " + message(reason), failure);
    }

    static StoreException running(SqlTarget target, String what, SQLException failure) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        if (failure instanceof SQLTimeoutException || state.equals(CANCELLED) || failure.getCause() instanceof SocketTimeoutException) {
            return new StoreException("SqlOperationTimeout", StoreException.Fault.USER, what + " on " + target + " took longer than its timeout: "
                    + message(failure), failure);
        }
        // 08: the connection; 40: deadlocks; 53, 57P: the server's own troubles. These may pass.
        boolean mayPass = state.startsWith("08") || state.startsWith("40") || state.startsWith("53") || state.startsWith("57P");
        return new StoreException("SqlOperationFailed", mayPass ? StoreException.Fault.SYSTEM : StoreException.Fault.USER,
                what + " failed on " + target + ": " + message(failure) + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")"), failure);
    }

    /// Whether the data is at fault, not the statement or the server: values of a wrong form or size, and constraints.
    static boolean isOfData(SQLException failure) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        return state.startsWith("22") || state.startsWith("23");
    }

    /// Whether a statement runs by itself only, as `VACUUM` and `CREATE DATABASE` do.
    static boolean refusesTransactions(SQLException failure) {
        // SQL Server: 226 and 574.
        return "25001".equals(failure.getSQLState()) || failure.getErrorCode() == 226 || failure.getErrorCode() == 574;
    }

    private static Optional<SQLException> sql(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException found && found.getSQLState() != null) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /// The server's own words in one line. Drivers add the values of rows only in details, which are left out.
    static String message(SQLException failure) {
        if (failure instanceof PSQLException postgres && postgres.getServerErrorMessage() != null
                && postgres.getServerErrorMessage().getMessage() != null) {
            var said = postgres.getServerErrorMessage();
            return said.getMessage() + (said.getPosition() > 0 ? " at character " + said.getPosition() : "");
        }
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}
