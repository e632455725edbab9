/// What a factory folder says: [Factory] holds its resources, [Pipeline] and [Activity] read the ones that run. Every value is a [Located]
/// JSON value, so a mistake is reported with its file and path, and properties that are not known here are kept.
package io.conshelf.factory.definition;
