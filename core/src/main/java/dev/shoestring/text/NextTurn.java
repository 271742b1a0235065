package dev.shoestring.text;

/** Whether a rendered conversation opens the assistant's turn at its end ({@code add_generation_prompt}). */
public enum NextTurn {
    /** It ends with its last message. */
    NONE,
    /** The assistant is to answer next. */
    ASSISTANT
}
