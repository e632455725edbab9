package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// The format of a kind of file: a number that grows, and what each number brought.
///
/// A new file is laid out as the first format and goes through the same steps as an old one, so that the two cannot differ. To
/// change what a file holds, append a [Step] to the list of its kind and write a sample of the format before (`FormatTest`):
/// a step that was released never changes.
final class FileFormat {
    /// A database's file. [DatabaseFile] lays out the first format.
    static final FileFormat DATABASE = new FileFormat("database", List.of(
            new Step("what is remembered of the work in it", (connection, alias) -> LogTable.create(connection, LogHome.ofDatabase(alias))),
            new Step("how far the parts of materialized views go", ViewState::createTable),
            new Step("when the oldest part of a merged extent was created", (connection, alias) -> Jdbc.execute(
                    connection, "ALTER TABLE " + alias + ".conshelf.extents ADD COLUMN min_created_on BIGINT")),
            // Nothing is laid out anew, but an older release would not read them: it would drop the rows of snapshots, and forget the models.
            new Step("graph models and their snapshots", (_, _) -> {})));

    /// The file of what spans databases. [SystemStore] lays out the first format, which had no number.
    static final FileFormat SYSTEM_STORE =
            new FileFormat("system store", List.of(
                    new Step("the number of its format", FileFormat::number),
                    new Step("what is remembered of the cluster's work",
                            (connection, _) -> LogTable.create(connection, LogHome.CLUSTER)),
                    new Step("what services beside the cluster remember", (connection, _) -> HistoryTable.create(connection)),
                    // Nothing is laid out anew, but an older release would not read them.
                    new Step("documents of services that are sealed", (_, _) -> {})));

    private final String kind;
    private final List<Step> steps;

    FileFormat(String kind, List<Step> steps) {
        this.kind = kind;
        this.steps = List.copyOf(steps);
    }

    /// @param brings what is new, for whoever reads the list
    record Step(String brings, Change change) {}

    /// What a step does, in the transaction of the upgrade. All SQL names the file by its alias.
    interface Change {
        void apply(Connection connection, String alias) throws SQLException;
    }

    String kind() {
        return kind;
    }

    int newest() {
        return 1 + steps.size();
    }

    /// The format of an attached file; 0 if it holds nothing of the kind.
    int of(Connection connection, String alias) throws SQLException {
        // Asking for the tables themselves and not for the list of them, which is one of all attached files.
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT version FROM " + alias + ".conshelf.format")) {
            return rows.next() ? rows.getInt(1) : 0;
        } catch (SQLException e) {
            requireCatalogError(e);
            return hasDocuments(connection, alias) ? 1 : 0;
        }
    }

    /// Takes a file through the steps after a format, within the caller's transaction.
    void bringUp(Connection connection, String alias, int from) throws SQLException {
        for (Step step : steps.subList(from - 1, steps.size())) {
            step.change().apply(connection, alias);
        }
        Jdbc.execute(connection, "UPDATE " + alias + ".conshelf.format SET version = " + newest());
    }

    private static boolean hasDocuments(Connection connection, String alias) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM " + alias + ".main.documents")) {
            return rows.next();
        } catch (SQLException e) {
            requireCatalogError(e);
            return false;
        }
    }

    /// Passes on what is not about the table's not being there.
    private static void requireCatalogError(SQLException e) throws SQLException {
        if (!String.valueOf(e.getMessage()).startsWith("Catalog Error")) {
            throw e;
        }
    }

    private static void number(Connection connection, String alias) throws SQLException {
        Jdbc.execute(connection, "CREATE SCHEMA " + alias + ".conshelf");
        Jdbc.execute(connection, "CREATE TABLE " + alias + ".conshelf.format (version INTEGER)");
        Jdbc.execute(connection, "INSERT INTO " + alias + ".conshelf.format VALUES (1)");
    }
}
