package dev.shoestring.train;

/** Why a run ended. */
public enum StopReason {
    /** The schedule is done. */
    COMPLETED("completed"),
    /** The validation metric reached the target. */
    TARGET_REACHED("target_reached"),
    /** The validation metric has not risen for as long as patience allows. */
    PATIENCE("no_improvement"),
    /** A limit on cost was reached. */
    BUDGET("budget"),
    /** The user interrupted. */
    INTERRUPTED("interrupted"),
    /** The loss is no longer a finite number. */
    DIVERGED("diverged");

    private final String status;

    StopReason(String status) {
        this.status = status;
    }

    /** As {@code summary.json} has it. */
    public String status() {
        return status;
    }
}
