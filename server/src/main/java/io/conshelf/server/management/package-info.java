/// The management interface of `Microsoft.Kusto`: clusters, databases, data connections and who is assigned a role, as resources.
@org.jspecify.annotations.NullMarked
package io.conshelf.server.management;
