package io.conshelf.engine.store;

/// Keeps what is in documents from whoever reads the file that they stand in and has no key.
public interface DocumentSeal {
    /// What a sealed text begins with, and no JSON does.
    String MARK = "sealed:";

    /// Documents stand as they are.
    DocumentSeal NONE = new DocumentSeal() {
        @Override
        public String seal(String name, String json) {
            return json;
        }

        @Override
        public String open(String name, String sealed) {
            throw new IllegalStateException("the document '" + name + "' in the system store is sealed, and there is no key to open it");
        }
    };

    /// @param name whose text it is: sealed for one document it opens for no other
    /// @return begins with [#MARK]
    String seal(String name, String json);

    /// @throws IllegalStateException when another key sealed it, or it was changed
    String open(String name, String sealed);
}
