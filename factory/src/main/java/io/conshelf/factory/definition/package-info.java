/// What a factory says: [Factory] holds its resources by kind, [Pipeline] and [Activity] read the ones that run. Every value is a
/// [io.conshelf.connectors.definition.Located] JSON value, so a mistake is reported with its file and path, and properties that are not known here
/// are kept. A factory is read from a folder, or by [FactoryTemplate]; [FactoryFolder] and [ArmExport] write it.
package io.conshelf.factory.definition;
