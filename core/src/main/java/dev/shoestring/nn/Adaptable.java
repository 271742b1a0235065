package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/** A layer whose weight can be given a low-rank update. */
public interface Adaptable {
    /** Name of its weight. */
    String weightName();

    /** Its own weight, without an update: (out, …). Where it is kept in few bits, it is made anew in the open scope. */
    Tensor weight();

    /** Uses the weight with this update from now on. */
    void adapt(LowRankUpdate update);

    /** The weight as it is used. */
    Tensor effectiveWeight();
}
