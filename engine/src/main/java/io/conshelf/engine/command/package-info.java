/// What the management commands do.
///
/// A command's name, grammar, documented role and result columns stand in `commands.txt` of
/// [io.conshelf.kql.command]; its handler is registered here under that name, in the file of its family, together with the
/// [Access] it needs. [Commands] recognises a text, asks [io.conshelf.engine.store.Authorization] once, and calls the
/// handler; a command of the service without a handler is refused under its name.
///
/// To add a command:
/// 1. make sure `commands.txt` has it;
/// 2. in the family's file, add `registry.on("TheName", Access.…, Family::handler)`;
/// 3. write the handler: read arguments from the [io.conshelf.kql.command.CommandMatch], change the database in one
///    [io.conshelf.engine.store.Change], answer with [CommandResult#of];
/// 4. add a case to `engine/src/test/resources/spec/commands`.
package io.conshelf.engine.command;
