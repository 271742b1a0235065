package dev.shoestring.run;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.recipe.Recipe;
import java.nio.file.Path;

/**
 * What a shrinking was asked to do, and where its work is told and counted.
 *
 * @param recipe the recipe of the original
 * @param settings how small, how good, and where
 * @param original the trained run or model folder
 * @param listener what happens is told here
 * @param prices prices of energy and time
 * @param ledger everything that is done is added here
 */
record ShrinkSetup(
        Recipe recipe,
        Shrink.Settings settings,
        Path original,
        RunListener listener,
        PriceList prices,
        Ledger ledger) {}
