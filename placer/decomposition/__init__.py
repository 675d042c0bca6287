"""Decomposition: proven prices of one structure bound every structure with the same arcs.

    family   members o with the same arcs; they differ in amounts, limits ``b_o + M_o z`` and closed arcs    ``family``
    oracle   f_o(z), least cost of o at z, with prices p that prove it; or a bound with its prices       ``oracle``
    cut      f_o(z) >= d_o m(p) - r(p) (b_o + M_o z),  for every member o and every z                    ``cuts``
    pool     all prices so far: the cuts that they make, and those nearest to a member                   ``price_pool``
    master   min c z + measure_o f_o(z) over the cuts,  A z <= L,  0 <= z <= most                        ``master``
    bound    of the family, from multipliers of prices, computed again from prices and data              ``bound``

Trial points z are those of a bundle method: in a trust region round the best point (``trust_region``), or the
nearest to it below a level (``level_search``), until the best point costs no more than the bound, within the gap
(``closing``). The prices that one member proves make a cut for every member.

Master and trial points serve any pool of cuts (``cut_pool``): ``placer.by_blocks.cap_search`` seeks prices z of limits
that blocks share, where the placement of a block makes a cut of its cost.

Literature: Benders, Numerische Mathematik 4, 1962; Dantzig and Wolfe, Operations Research 8, 1960; Lemarechal,
Nemirovskii and Nesterov, Mathematical Programming 69, 1995 (levels); Linderoth and Wright, Computational Optimization
and Applications 24, 2003 (trust region); Higle and Sen, Mathematics of Operations Research 16, 1991 (cuts of one
scenario for all).
"""
