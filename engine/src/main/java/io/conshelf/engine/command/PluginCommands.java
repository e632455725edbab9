package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.bind.Plugins;
import io.conshelf.kql.command.CommandCatalogue;

/// The plugins of queries. All that are built are enabled until an administrator disables them.
final class PluginCommands {
    private PluginCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowPlugins", Access.toLook(), PluginCommands::rows);
        registry.on("EnablePlugin", Access.clusterAdministrator(), c -> set(c, c.match().text("name"), true));
        registry.on("DisablePlugin", Access.clusterAdministrator(), c -> set(c, c.match().text("pluginName"), false));
    }

    private static CommandResult set(CommandContext context, String name, boolean isEnabled) {
        var isBuilt = Plugins.known().get(name);
        if (isBuilt == null) {
            throw new KustoException(StorageErrors.entityNotFound("Plugin", name));
        }
        if (isEnabled && !isBuilt) {
            throw new KustoException(Errors.notSupported("the plugin '" + name + "'"));
        }
        // One that is not built is disabled as it is.
        if (isBuilt) {
            context.storage().setPluginEnabled(name, isEnabled);
        }
        return rows(context);
    }

    private static CommandResult rows(CommandContext context) {
        var rows = CommandResult.of(CommandCatalogue.service().named("ShowPlugins").orElseThrow());
        var disabled = context.snapshot().disabledPlugins();
        Plugins.known().forEach((name, isBuilt) -> rows.row(name, isBuilt && !disabled.contains(name)));
        return rows.done();
    }
}
