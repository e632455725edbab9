package io.conshelf.engine;

import io.conshelf.engine.ServiceError.Inner;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.store.DiskTrouble;
import io.conshelf.engine.store.RateLimits;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.value.TimeSpanText;
import io.conshelf.kql.value.TooLargeValue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine's errors in the service's words: one factory each, so that wording and codes stand together.
public final class Errors {
    private static final String EXCEPTIONS = "Kusto.Data.Exceptions.";
    private static final String PREFIX = "Request is invalid and cannot be processed: ";

    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    /// What DuckDB says of SQL that it does not understand or cannot plan, whatever the data.
    private static final Pattern OUR_MISTAKE = Pattern.compile("(?:Parser|Binder|Catalog|INTERNAL|Not implemented|Syntax|Mismatch Type|Parameter Not Resolved|Expression|Dependency"
            + "|Permission|Settings|Configuration|Executor|Scheduler|Optimizer|Planner) Error");
    private static final Pattern NOT_A_DECIMAL = Pattern.compile("cast value (-?[0-9]+)(?:\\.[0-9]*)? to DECIMAL");
    private static final String TOO_LONG_A_DECIMAL = "a decimal has up to 21 digits before its point, the result has more";
    private static final String QUOTES = "'\"`";
    private static final int SHOWN_CHARS_MAX = 80;
    /// How RE2 begins what it says of an expression that only the run makes.
    private static final List<String> REGEX_TROUBLE = List.of(
            "missing ): ", "missing ]: ", "missing argument to repetition", "no argument for repetition", "bad repetition operator: ",
            "invalid escape sequence: ", "invalid character class", "invalid perl operator: ", "trailing \\", "unexpected ): ",
            "invalid UTF-8", "invalid named capture group: ", "invalid nested repetition", "bad number of arguments in repetition");

    private Errors() {}

    public static ServiceError badRequest(String message) {
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoBadRequestException", PREFIX + message,
                true, Optional.empty());
    }

    /// What is wrong with the storage that a command names.
    public static ServiceError storage(String code, String message) {
        return new ServiceError(400, code, EXCEPTIONS + "KustoBadRequestException", PREFIX + message, true, Optional.empty());
    }

    /// What may go well when it is tried again.
    public static ServiceError passing(String code, String message) {
        return new ServiceError(400, code, EXCEPTIONS + "KustoBadRequestException", PREFIX + message, false, Optional.empty());
    }

    /// A construct that is known and not executed yet; `what` names it and where it stands.
    public static ServiceError notSupported(String what) {
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoServiceOperationNotSupportedException",
                PREFIX + "not supported: " + what, true, Optional.empty());
    }

    /// A command that writes, in a request that forbids it.
    public static ServiceError readOnly(String command) {
        return new ServiceError(
                403, "Forbidden", EXCEPTIONS + "KustoRequestDeniedException",
                "The request is read-only, so the management command " + command + " is denied.", true, Optional.empty());
    }

    /// The first thing wrong with a text.
    public static ServiceError of(Diagnostic diagnostic, String text) {
        boolean isSyntax = diagnostic.code().startsWith("SYN");
        String kind = (isSyntax ? "Syntax error: " : "Semantic error: ") + diagnostic.code() + ": ";
        // The parser's own texts have the prefix, as the language service's have.
        String said = diagnostic.message().startsWith(kind) ? diagnostic.message() : kind + diagnostic.message();
        String message = said + " [line:position=" + position(diagnostic, text) + "]";
        String type = EXCEPTIONS + (isSyntax ? "SyntaxException" : "SemanticException");
        return new ServiceError(400, "General_BadRequest", type, PREFIX + message, true,
                Optional.of(new Inner(diagnostic.code(), type, message)));
    }

    /// What is wrong, told in the text behind the first characters, which are not the user's.
    public static ServiceError of(Diagnostic diagnostic, String text, int before) {
        if (before == 0) {
            return of(diagnostic, text);
        }
        Span span = diagnostic.span();
        int start = Math.max(0, Math.min(span.start(), text.length()) - before);
        String own = text.substring(before);
        Span shifted = new Span(start, Math.min(span.length(), own.length() - start));
        // The parser's own texts name the place, too, and so do those of what cannot be run yet.
        String message = diagnostic.message().replace("[" + place(span, text, ",") + "]", "[" + place(shifted, own, ",") + "]")
                .replace("(line " + place(span, text, ", column ") + ")", "(line " + place(shifted, own, ", column ") + ")");
        return of(new Diagnostic(diagnostic.severity(), diagnostic.code(), message, shifted), own);
    }

    private static String place(Span span, String text, String between) {
        var position = span.position(text);
        return position.line() + between + position.column();
    }

    private static String position(Diagnostic diagnostic, String text) {
        return place(diagnostic.span(), text, ":");
    }

    static ServiceError databaseNotFound(String name) {
        return new ServiceError(400, "BadRequest_DatabaseNotExist", EXCEPTIONS + "DatabaseNotFoundException",
                PREFIX + "Database '" + name + "' does not exist. '.show databases' lists those that do.", true,
                Optional.empty());
    }

    static ServiceError readOnlyIngestion() {
        return new ServiceError(403, "Forbidden", EXCEPTIONS + "KustoRequestDeniedException",
                "The request is read-only, so ingestion is denied.", true, Optional.empty());
    }

    /// DuckDB would not come to an end with the plan.
    public static ServiceError tooManySteps(int depthMax, int stepsMax) {
        return badRequest("The query is too complex: at most " + depthMax + " operators can follow each other (a join counts"
                + " for several), and a query can have at most " + stepsMax + ". Keep what is in between in a table"
                + " ('.set-or-replace'), or unite the steps.");
    }

    static ServiceError textTooLong(int chars, int charsMax) {
        return badRequest("The text has " + chars + " characters; at most " + charsMax + " are accepted.");
    }

    static ServiceError throttled(int concurrentMax) {
        return new ServiceError(429, "TooManyRequests", EXCEPTIONS + "KustoRequestThrottledException",
                "The request was denied because " + concurrentMax
                        + " requests of its kind are running, the most this cluster runs at once. Try again shortly.",
                false, Optional.empty());
    }

    /// @param origin what limits them: `RequestRateLimitPolicy/WorkloadGroup/default`
    static ServiceError queryThrottled(int capacity, String origin) {
        return new ServiceError(429, "TooManyRequests", EXCEPTIONS + "QueryThrottledException",
                "The query was aborted due to throttling. Retrying after some backoff might succeed. Capacity: " + capacity
                        + ", Origin: '" + origin + "'.",
                false, Optional.empty());
    }

    /// @param origin what limits them: `CapacityPolicy/Ingestion`
    static ServiceError commandThrottled(String commandType, int capacity, String origin) {
        return new ServiceError(429, "TooManyRequests", EXCEPTIONS + "ControlCommandThrottledException",
                "The management command was aborted due to throttling. Retrying after some backoff might succeed. CommandType: '"
                        + commandType + "', Capacity: " + capacity + ", Origin: '" + origin + "'.",
                false, Optional.empty());
    }

    /// @param origin what limits them: `RequestRateLimitPolicy/WorkloadGroup/default`
    static ServiceError quotaExceeded(RateLimits.Utilization quota, String origin) {
        return new ServiceError(429, "TooManyRequests", EXCEPTIONS + "QuotaExceededException",
                "The request was denied due to exceeding quota limitations. Resource: '" + quota.resource().kustoName() + "', Quota: '" + quota.max()
                        + "', TimeWindow: '" + TimeSpanText.format(quota.windowTicks()) + "', Origin: '" + origin + "'.",
                false, Optional.empty());
    }

    static ServiceError timedOut(Duration timeout) {
        return new ServiceError(504, "Timeout", EXCEPTIONS + "KustoServiceTimeoutException",
                "Request execution has exceeded its timeout of " + timeout.toSeconds()
                        + " s (E_TIMEOUT). Narrow the query, or ask for more time with 'servertimeout'.",
                false, Optional.empty());
    }

    static ServiceError cancelled() {
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoRequestCancelledException",
                "The request was cancelled (80DA0007: E_QUERY_CANCELLED).", false, Optional.empty());
    }

    static ServiceError tooManyRecords(long recordsMax) {
        return limitsExceeded("the set limit of " + recordsMax + " records");
    }

    static ServiceError tooManyBytes(long bytesMax) {
        return limitsExceeded("the set limit of " + bytesMax + " bytes");
    }

    private static ServiceError limitsExceeded(String limit) {
        return new ServiceError(400, "LimitsExceeded",
                EXCEPTIONS + "KustoServicePartialQueryFailureLimitsExceededException",
                "Query execution has exceeded the allowed limits (80DA0003): The results of this query exceed " + limit
                        + ", so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See"
                        + " https://aka.ms/kustoquerylimits for more information and possible solutions.",
                false, Optional.empty());
    }

    static ServiceError lowMemory() {
        return new ServiceError(400, "LowMemoryCondition",
                EXCEPTIONS + "KustoServicePartialQueryFailureLowMemoryConditionException",
                "Query execution lacks memory resources to complete (80DA0007): Partial query failure: Low memory"
                        + " condition (E_LOW_MEMORY_CONDITION). Narrow the query or give the engine more memory.",
                false, Optional.empty());
    }

    /// A request took more memory than it asked to be allowed.
    static ServiceError runaway(long bytesMax) {
        return new ServiceError(400, "LimitsExceeded",
                EXCEPTIONS + "KustoServicePartialQueryFailureLimitsExceededException",
                "Query execution has exceeded the allowed limits (80DA0001): Partial query failure: Runaway query"
                        + " (E_RUNAWAY_QUERY). The query took more than the " + bytesMax + " bytes of memory that"
                        + " 'max_memory_consumption_per_query_per_node' or 'maxmemoryconsumptionperiterator' allows it.",
                false, Optional.empty());
    }

    static ServiceError internal(String what) {
        return new ServiceError(520, "General_InternalServerError", EXCEPTIONS + "KustoServiceException",
                "Internal service error: " + what, false, Optional.empty());
    }

    /// Whether there was no memory left, for whoever asked.
    public static boolean lacksMemory(SQLException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith("Out of Memory Error") || message.contains(TooLargeValue.MARK + ": " + KernelCalls.SHORT);
    }

    /// Whether DuckDB stumbled over itself, as its optimizer does where it loses columns of plans that are right as they are written.
    static boolean isOfOptimizer(SQLException failure) {
        return String.valueOf(failure.getMessage()).startsWith("INTERNAL Error: ");
    }

    /// What DuckDB's refusal means for the sender of a query.
    public static ServiceError of(SQLException failure) {
        String message = String.valueOf(failure.getMessage());
        String first = message.lines().findFirst().orElse(message);
        if (lacksMemory(failure) || message.contains(TooLargeValue.MARK)
                || message.contains("java.lang.OutOfMemoryError")) {
            return lowMemory();
        }
        if (message.startsWith("INTERRUPT Error")) {
            return cancelled();
        }
        Optional<ServiceError> disk = DiskTrouble.of(failure);
        if (disk.isPresent()) {
            return disk.get();
        }
        if (OUR_MISTAKE.matcher(first).lookingAt()) {
            // DuckDB's words tell of SQL that the sender has not written.
            LOG.error("DuckDB refuses what a query is translated into: {}", withoutQuoted(first));
            return internal("the query could not be translated. The server's log tells more");
        }
        // Conversion, range and kernel errors: the data and the query do not fit.
        return new ServiceError(400, "General_BadRequest", EXCEPTIONS + "KustoBadRequestException",
                "Query execution failed: " + withoutFrames(first), true, Optional.empty());
    }

    /// What an error says before it quotes. Texts and names of the query may be secrets, and have quotes and line breaks of their
    /// own, so nobody can tell from behind the first quote where one ends.
    static String withoutQuoted(String message) {
        String line = message.lines().findFirst().orElse("");
        for (int i = 0; i < line.length(); i++) {
            if (QUOTES.indexOf(line.charAt(i)) >= 0) {
                return line.substring(0, i) + "…";
            }
        }
        return line;
    }

    /// A value of a request as errors repeat it: as much of it as it is recognized by.
    public static String shown(Object value) {
        String text = value.toString();
        if (text.length() <= SHOWN_CHARS_MAX) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(SHOWN_CHARS_MAX - 1)) ? SHOWN_CHARS_MAX - 1 : SHOWN_CHARS_MAX;
        return text.substring(0, end) + "…";
    }

    // A kernel's exception comes through the driver with its class name before it.
    private static String withoutFrames(String message) {
        if (message.startsWith("Out of Range Error")) {
            return message.contains("HUGEINT") || message.contains("DECIMAL") ? TOO_LONG_A_DECIMAL
                    : "a value is not within what its type holds";
        }
        if (message.startsWith("Conversion Error")) {
            var digits = NOT_A_DECIMAL.matcher(message);
            return digits.find()
                    ? "a decimal has up to 21 digits before its point, " + digits.group(1) + " has more"
                    : message.contains("DECIMAL(38,17)") ? TOO_LONG_A_DECIMAL : "a value is not within what the type it is converted to holds";
        }
        String bare = message.replaceFirst("^Invalid Input Error: (?:[\\w.$]+(?:Exception|Error): )?", "");
        return REGEX_TROUBLE.stream().anyMatch(bare::startsWith) ? "a regular expression cannot be read: " + bare : bare;
    }
}
