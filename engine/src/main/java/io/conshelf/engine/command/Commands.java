package io.conshelf.engine.command;

import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Storage;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Runs management commands: recognises the text, checks who asks, calls the handler.
public final class Commands {
    private final CommandRegistry registry = CommandRegistry.standard();
    private final Storage storage;
    private final CommandServices services;

    public Commands(Storage storage, CommandServices services) {
        this.storage = storage;
        this.services = services;
    }

    /// What follows a bar is not part of it.
    ///
    /// @throws KustoException when the command is not built, the principal may not run it, or it fails
    public CommandResult run(Request request, CommandMatch match) {
        return prepared(request, match).get();
    }

    /// The run of a command that may begin.
    ///
    /// @throws KustoException when the command is not built, or the principal may not run it
    public Supplier<CommandResult> prepared(Request request, CommandMatch match) {
        var handler = checked(request, match).handler();
        return () -> handler.run(new CommandContext(request, match, storage, services));
    }

    /// The query whose rows are the answer of a command that has run, in place of what its handler gave.
    public static Optional<String> answerQuery(CommandMatch match) {
        return StoredResultCommands.preview(match);
    }

    /// Runs the command that stands in place of a query in another: it may only read.
    public CommandResult runWithin(Request request, CommandMatch match) {
        var isReadOnly = registry.find(match.command().name()).map(CommandRegistry.Entry::isReadOnly);
        if (isReadOnly.isPresent() && !isReadOnly.get()) {
            throw new KustoException(CommandErrors.notWithin(match));
        }
        return run(request, match);
    }

    /// Refuses what [#run] would refuse before it begins.
    public void check(Request request, CommandMatch match) {
        checked(request, match);
    }

    private CommandRegistry.Entry checked(Request request, CommandMatch match) {
        var entry = registry.find(match.command().name())
                .orElseThrow(() -> new KustoException(CommandErrors.notBuilt(match)));
        if (request.isReadOnly() && !entry.isReadOnly()) {
            throw new KustoException(Errors.readOnly(match.command().name()));
        }
        var context = new CommandContext(request, match, storage, services);
        authorize(entry.access(), context);
        match.properties().keySet().stream().filter(name -> !entry.properties().contains(name)).findFirst().ifPresent(name -> {
            throw new KustoException(CommandErrors.unknownProperty(match, name, entry.properties()));
        });
        return entry;
    }

    /// The command a text is, or the error that tells where reading stopped.
    public static CommandMatch recognise(String text) {
        return switch (CommandMatcher.match(text, CommandCatalogue.service())) {
            case CommandMatcher.Outcome.Found(CommandMatch match) -> match;
            case CommandMatcher.Outcome.Refused refused ->
                throw new KustoException(CommandErrors.syntax(text, refused));
        };
    }

    /// What operations call the command that a text is; nothing where it is none.
    public static String typeOf(String text) {
        try {
            return CommandType.of(recognise(text).command());
        } catch (KustoException _) {
            return "";
        }
    }

    private static void authorize(Access access, CommandContext context) {
        var principal = context.request().principal();
        switch (access) {
            case Access.Anyone() -> {
                // every principal that came in may ask
            }
            case Access.ClusterAdministrator() ->
                Authorization.requireAdministrator(principal, context.match().command().name());
            case Access.OnCluster(ClusterRole role) ->
                Authorization.require(principal, role, context.match().command().name());
            case Access.OnEntity(List<Role> anyOf, List<Role> toCreate) -> {
                var database = context.database();
                requireKnown(principal, database, toCreate);
                for (var entity : context.entities()) {
                    if (database.has(entity)) {
                        Authorization.require(principal, database, entity, anyOf.toArray(Role[]::new));
                    } else {
                        Authorization.require(principal, database, toCreate.toArray(Role[]::new));
                    }
                }
            }
            case Access.OnDatabase(List<Role> anyOf) ->
                context.databases().forEach(
                        database -> Authorization.require(principal, database, anyOf.toArray(Role[]::new)));
            case Access.OnTable(List<Role> anyOf, List<Role> toCreate) -> {
                var database = context.database();
                requireKnown(principal, database, toCreate);
                if (context.tableNames().isEmpty()) {
                    Authorization.require(principal, database, toCreate.toArray(Role[]::new));
                }
                for (var name : context.tableNames()) {
                    var table = database.table(name);
                    if (table.isPresent()) {
                        Authorization.require(principal, database, table.get(), anyOf.toArray(Role[]::new));
                    } else {
                        Authorization.require(principal, database, toCreate.toArray(Role[]::new));
                    }
                }
            }
        }
    }

    /// Who holds no role at all is refused as if there were nothing of that name, and so does not learn whether there is.
    private static void requireKnown(Principal principal, Database database, List<Role> toCreate) {
        if (!Authorization.mayKnow(principal, database)) {
            Authorization.require(principal, database, toCreate.toArray(Role[]::new));
        }
    }
}
