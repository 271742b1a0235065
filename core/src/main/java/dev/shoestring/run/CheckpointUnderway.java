package dev.shoestring.run;

/** A checkpoint that comes to disk in the course of some steps. */
interface CheckpointUnderway extends AutoCloseable {
    /** One that is there already. */
    CheckpointUnderway DONE = new CheckpointUnderway() {
        @Override
        public void advance() {
            // Nothing is left to do.
        }

        @Override
        public boolean isDone() {
            return true;
        }

        @Override
        public void finish() {
            // Nothing is left to do.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    };

    /** Does this process's next share of it, after a step; all processes that began it do so after the same steps. */
    void advance();

    /** Whether this process has done its part, or it has failed. */
    boolean isDone();

    /**
     * Does what is left of it, together with the other processes.
     *
     * @throws dev.shoestring.recipe.InputException if it could not be written
     */
    void finish();

    /** Frees what it holds. What is not on disk by then and needs the other processes is given up. */
    @Override
    void close();
}
