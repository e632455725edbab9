package io.conshelf.server.ingest;

import io.conshelf.engine.Principal;

/// Who is still let in, of those who came in earlier and were given something that lasts: identity tokens, storage.
public interface Membership {
    /// Where nobody is asked for a name.
    Membership EVERYBODY = new Membership() {
        @Override
        public boolean isLetIn(Principal principal) {
            return true;
        }

        @Override
        public boolean hasAccount(String id) {
            return true;
        }
    };

    boolean isLetIn(Principal principal);

    /// @param id of the account of a principal: [Principal#account]
    boolean hasAccount(String id);
}
