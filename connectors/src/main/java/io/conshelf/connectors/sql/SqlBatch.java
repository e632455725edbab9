package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import java.sql.SQLException;
import java.util.List;

/// The rows of one transaction, on their way into a table.
interface SqlBatch {
    /// Sends some of them. A failure of the data has an SQLSTATE of class 22 or 23.
    void send(List<List<JsonNode>> rows) throws SQLException;

    /// What is left to do with all of them, before the commit.
    void finish() throws SQLException, StoreException;
}
