package dev.shoestring.shrink;

import dev.shoestring.models.Decoder;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.TokenRows;
import java.util.Arrays;

/**
 * A teacher that reads along: each row is run through it when the student learns from it. Costs a forward pass of the teacher a row and no disk.
 *
 * @param pass the teacher's forward pass
 * @param temperature what its scores are divided by
 * @param top how many of the likeliest pieces are told apart, all others as one; 0 tells all
 * @param vocabulary pieces of the student, the first of the teacher's; what a teacher has beyond them is in no text
 * @param closed closes the teacher
 */
public record LiveTeacher(DecoderPass pass, double temperature, int top, int vocabulary, Runnable closed)
        implements TokenTeacher {
    // N tokens of all rows, C some of them, D the teacher's width, V pieces

    @Override
    public Answers answers(TokenRows rows) {
        Tensor hidden_ND = pass.output(rows);
        int[] places = rows.places();
        return new Answers() {
            @Override
            public Comparison compare(Tensor log_CV, int from) {
                int[] some = Arrays.copyOfRange(places, from, from + Math.toIntExact(log_CV.size(0)));
                return compared(cooled(hidden_ND, some), log_CV);
            }

            @Override
            public Tensor hidden() {
                return hidden_ND;
            }
        };
    }

    private Comparison compared(Tensor scores_CV, Tensor log_CV) {
        if (top > 0) {
            return TopPieces.of(scores_CV.softmax(1), top).compare(log_CV);
        }
        Tensor wanted_CV = scores_CV.softmax(1);
        double divergence =
                wanted_CV.mul(scores_CV.logSoftmax(1).sub(log_CV)).sum().item();
        return new Comparison(wanted_CV, divergence);
    }

    /** The likeliest pieces after all tokens that have a loss, some tokens at a time. */
    TopPieces top(TokenRows rows, int count, int chunk) {
        try (NoGrad guard = NoGrad.on()) {
            Tensor hidden_ND = pass.output(rows);
            int[] places = rows.places();
            java.util.List<Tensor> pieces = new java.util.ArrayList<>();
            java.util.List<Tensor> shares = new java.util.ArrayList<>();
            for (int from = 0; from < places.length; from += chunk) {
                int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + chunk));
                TopPieces found = TopPieces.of(cooled(hidden_ND, some).softmax(1), count);
                pieces.add(found.pieces_CK());
                shares.add(found.shares_CK());
            }
            return new TopPieces(Tensor.cat(pieces, 0), Tensor.cat(shares, 0));
        }
    }

    private Tensor cooled(Tensor hidden_ND, int[] places) {
        Decoder decoder = pass.decoder();
        Tensor hidden_CD = hidden_ND.indexSelect(0, Tensor.of(places, places.length));
        Tensor scores_CV =
                pass.arithmetic().run(() -> decoder.scores(hidden_CD)).to(DType.FLOAT32);
        Tensor own_CV = vocabulary == scores_CV.size(1) ? scores_CV : scores_CV.narrow(1, 0, vocabulary);
        return temperature == 1 ? own_CV : own_CV.mul(1 / temperature);
    }

    @Override
    public void close() {
        closed.run();
    }
}
