package io.conshelf.engine.external;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// Tests beside a PostgreSQL of their own, empty before each.
abstract class OnPostgres extends OnAnEngine {
    static Postgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = Postgres.start();
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void open() throws SQLException {
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")));
        postgres.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    /// The server's connection string as a literal of a command.
    static String literal() {
        return "h@'" + postgres.connectionString().replace("'", "''") + "'";
    }
}
