package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;

/// How a call becomes work for the engine. This is data: the engine renders it, nothing here runs SQL.
///
/// Prefer the forms from the top: SQL runs vectorised inside DuckDB, a kernel costs about twenty times as much a row.
public sealed interface Lowering {

    /// A DuckDB expression with the arguments spliced in as `{0}`, `{1}` …; `{*}` is all of them, comma-separated, and
    /// `{1*}` all from the second on. A placeholder is replaced by a parenthesised or atomic expression. Where an
    /// argument is used twice and may be expensive the engine still renders it twice, so keep that to cheap ones.
    record Sql(String template) implements Lowering {}

    /// A call rewritten into other expressions while binding: for names that are another name for something, and for
    /// functions that are a composition of others.
    record Rewrite(Rewriter rewriter) implements Lowering {}

    /// A Java function over whole vectors, registered with DuckDB under the function's name.
    ///
    /// @param parameters physical types; a call's arguments are converted to them
    /// @param variadic   the last parameter may repeat; every repeated argument has its type
    /// @param body       stateless and thread-safe
    record Kernel(List<Type> parameters, boolean variadic, Type returns, KernelBody body) implements Lowering {
        public Kernel {
            parameters = List.copyOf(parameters);
        }
    }

    /// A function over neighbouring rows of a serialised input. The template is a DuckDB window function without its
    /// frame; the engine adds `OVER` in row order. `{order}` stands for the row's position where the template needs it.
    record Window(String template) implements Lowering {}

    /// Something only the engine knows how to do, such as `now()` or `ingestion_time()`.
    record Intrinsic(IntrinsicFunction function) implements Lowering {}

    /// Rewrites a call's arguments, already bound and converted to the signature's types, to the expression it stands for.
    @FunctionalInterface
    interface Rewriter {
        Expr rewrite(List<Expr> arguments);
    }

    /// The functions whose value depends on the request or the row's storage.
    enum IntrinsicFunction {
        NOW, INGESTION_TIME, CURRENT_DATABASE, CURRENT_PRINCIPAL, CURRENT_PRINCIPAL_DETAILS, CURRENT_CLUSTER_ENDPOINT,
        EXTENT_ID, EXTENT_TAGS, CURSOR_CURRENT, CURSOR_AFTER, CURSOR_BEFORE_OR_AT, RAND, NEW_GUID
    }
}
