package io.conshelf.engine.command;

/// Does what one command says.
@FunctionalInterface
public interface CommandHandler {
    CommandResult run(CommandContext context);
}
