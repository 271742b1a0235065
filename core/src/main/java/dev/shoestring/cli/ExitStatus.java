package dev.shoestring.cli;

/** Exit statuses, the same for all commands. */
final class ExitStatus {
    /** Done. */
    static final int SUCCESS = 0;
    /** A fault of ours. */
    static final int FAULT = 1;
    /** Bad input; the message says what to mend. */
    static final int BAD_INPUT = 2;
    /** A budget or the user stopped the run; everything is saved. */
    static final int STOPPED = 3;

    private ExitStatus() {}
}
