package dev.shoestring.text;

/** A conversation as tokens, with those marked that training on answers learns. */
public final class EncodedChat {
    private final int[] ids;
    private final boolean[] trained;

    EncodedChat(int[] ids, boolean[] trained) {
        this.ids = ids;
        this.trained = trained;
    }

    /** The tokens. */
    public int[] ids() {
        return ids.clone();
    }

    /** Of each token, whether the assistant wrote it, the token that ends its turn included. */
    public boolean[] trained() {
        return trained.clone();
    }
}
